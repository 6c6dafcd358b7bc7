import './setup.css';
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Wordmark } from '../../components/brand';
import { Button } from '../../components/button';
import { LanguageSwitch } from '../../components/language-switch';
import { Notice } from '../../components/notice';
import { say } from '../../components/toast';
import { explain } from '../../state/failure';
import { text } from '../../state/language';
import { replace, route } from '../../state/route';
import { answers, finished, resume, resuming, unlocked } from '../../state/setup';
import { status } from '../../state/start';
import { Code } from './code';
import { Done } from './done';
import { Progress } from './progress';
import { SUMMARY, asked, reachable, unknown } from './steps';
import { Summary } from './summary';

/** Setting up a box, whatever address was asked for: one step a screen, each with an address of its own. */
export default function Setup() {
  const [failure, setFailure] = useState<unknown>(undefined);
  const begin = () => {
    setFailure(undefined);
    resume().catch(setFailure);
  };
  useEffect(begin, []);
  useEffect(() => () => {
    if (!finished.value) say(text('setup_elsewhere'));
  }, []);
  return (
    <div class="setup">
      <header class="setup__top">
        <Wordmark />
        <LanguageSwitch />
      </header>
      {failure !== undefined ? <Unread failure={failure} retry={begin} /> : <Screen />}
    </div>
  );
}

function Unread({ failure, retry }: { failure: unknown; retry: () => void }) {
  return (
    <main class="setup__page setup__page--alone" id="content" tabIndex={-1}>
      <div class="step">
        <h1>{text('setup_welcome')}</h1>
        <Notice kind="bad">{explain(failure)}</Notice>
        <div><Button kind="main" onClick={retry}>{text('retry')}</Button></div>
      </div>
    </main>
  );
}

function Screen() {
  if (finished.value) return <Page alone><Done box={finished.value} /></Page>;
  if (resuming.value) return <Page alone><p class="visually-hidden" role="status">{text('loading')}</p></Page>;
  if (!unlocked.value) return <Page alone><Code /></Page>;
  return <Steps />;
}

function Page({ alone = false, children }: { alone?: boolean; children: ComponentChildren }) {
  return (
    <main class={`setup__page ${alone ? 'setup__page--alone' : ''}`} id="content" tabIndex={-1}>
      {children}
      {status.value?.version && <p class="setup__version faint">{text('setup_version', { version: status.value.version })}</p>}
    </main>
  );
}

function Steps() {
  const wanted = route.value.page === 'setup' ? route.value.rest[0] : undefined;
  const step = reachable(wanted, answers.value);
  useEffect(() => {
    if (step !== wanted) replace('setup', step);
  }, [step, wanted]);
  const row = asked().find((one) => one.name === step);
  return (
    <>
      <Progress current={step} />
      <Page>
        {unknown().length > 0 && <Notice kind="warn">{text('setup_unknown', { steps: unknown().join(', ') })}</Notice>}
        {step === SUMMARY || !row ? <Summary /> : <row.Screen key={row.name} />}
      </Page>
    </>
  );
}
