import './shell.css';
import type { ComponentChildren } from 'preact';
import { ConnectionBar } from './connection_bar';
import { Icon } from './components/icon';
import { lazy } from './components/lazy';
import { OwnMenu } from './own_menu';
import { PAGES } from './pages/table';
import './state/daily';
import { text } from './state/language';
import { isGuest } from './state/session';
import { link } from './state/route';

/** Guests call nobody (C4). */
const Calls = lazy(() => import('./call'));

/** What stands around every page of who is signed in: the way to the others. */
export function Shell({ current, children }: { current: string; children: ComponentChildren }) {
  const entries = PAGES.filter((row) => row.navigation && (row.allowed?.() ?? true));
  return (
    <div class="shell">
      <a class="skip-link" href="#content" onClick={(event) => { event.preventDefault(); document.getElementById('content')?.focus(); }}>{text('skip_to_content')}</a>
      <nav class="rail" aria-label={text('nav_label')}>
        <ul class="rail__list">
          {entries.map((row) => row.navigation && (
            <li key={row.path}>
              <a class="rail__link" href={link(row.path)} aria-current={row.path === current ? 'page' : undefined}>
                <Icon name={row.navigation.icon} size={22} />
                <span>{text(row.navigation.name)}</span>
                <Badge count={row.navigation.badge?.() ?? 0} />
              </a>
            </li>
          ))}
        </ul>
        <OwnMenu />
      </nav>
      <div class="shell__side">
        <ConnectionBar />
        <main class="shell__page" id="content" tabIndex={-1}>{children}</main>
      </div>
      {!isGuest.value && <Calls />}
    </div>
  );
}

const MOST = 99;

function Badge({ count }: { count: number }) {
  if (count === 0) return null;
  return <span class="badge rail__badge">{count > MOST ? `${MOST}+` : count}</span>;
}
