import './style/tokens.css';
import './style/base.css';
import './components/components.css';
import { render } from 'preact';
import { App } from './app';
import './state/install';
import { preferred, speak } from './state/language';
import './state/theme';
import { startWorker } from './state/worker';

async function start(): Promise<void> {
  await speak(preferred(), false);
  const root = document.getElementById('app');
  if (root) render(<App />, root);
  // The first page is not to share its network with the files of all others.
  if (document.readyState === 'complete') void startWorker();
  else addEventListener('load', () => void startWorker(), { once: true });
}

void start();
