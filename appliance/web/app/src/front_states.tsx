import type { ComponentChildren } from 'preact';
import { Button } from './components/button';
import { Icon } from './components/icon';
import { Notice } from './components/notice';
import { explain } from './state/failure';
import { text } from './state/language';

/** What a page behind a link shows until it knows where the link leads. */
export function LinkLoading({ fields }: { fields: number }) {
  return (
    <div class="stack" role="status">
      <span class="visually-hidden">{text('loading')}</span>
      <span class="skeleton skeleton--title" />
      <span class="skeleton" />
      {Array.from({ length: fields }, (_, index) => <span key={index} class="skeleton skeleton--field" />)}
    </div>
  );
}

/** It could not be asked where the link leads. */
export function LinkFailed({ title, failure, retry }: { title: string; failure: unknown; retry: () => void }) {
  return (
    <>
      <h1>{title}</h1>
      <Notice kind="bad">{explain(failure)}</Notice>
      <div><Button kind="main" onClick={retry}>{text('retry')}</Button></div>
    </>
  );
}

/** The link leads nowhere any more. */
export function LinkGone({ title, lead, children }: { title: string; lead: string; children?: ComponentChildren }) {
  return (
    <>
      <span class="front__sign"><Icon name="link" size={28} /></span>
      <div role="alert">
        <h1>{title}</h1>
        <p class="front__lead">{lead}</p>
      </div>
      {children}
    </>
  );
}
