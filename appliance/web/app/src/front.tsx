import './front.css';
import type { ComponentChildren } from 'preact';
import { Arcs, Wordmark } from './components/brand';
import { LanguageSwitch } from './components/language-switch';
import { text } from './state/language';

/** What stands around a page of who is not signed in: the face of the product. */
export function Front({ children }: { children: ComponentChildren }) {
  return (
    <div class="front">
      <aside class="front__art" aria-label={text('product')}>
        <Wordmark />
        <p class="front__promise">{text('front_promise')}</p>
        <div class="front__arcs"><Arcs /></div>
      </aside>
      <div class="front__side">
        <header class="front__top">
          <span class="front__mark"><Wordmark /></span>
          <LanguageSwitch />
        </header>
        <main class="front__main" id="content" tabIndex={-1}>
          <div class="front__box">{children}</div>
        </main>
      </div>
    </div>
  );
}
