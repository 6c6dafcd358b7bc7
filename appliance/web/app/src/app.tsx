import { Logo } from './components/brand';
import { lazy, ErrorBoundary } from './components/lazy';
import { Toasts } from './components/toast';
import { OPEN_PAGES, PAGES, type PageRow } from './pages/table';
import { Shell } from './shell';
import { text } from './state/language';
import { route } from './state/route';
import { session } from './state/session';
import { stage } from './state/start';
import { Unreachable } from './unreachable';

const components = new Map<PageRow, ReturnType<typeof lazy>>();

function pageOf(row: PageRow) {
  const known = components.get(row);
  if (known) return known;
  const made = lazy(row.load);
  components.set(row, made);
  return made;
}

/** The page that the address names and this person may have; else the first. */
function choose(rows: readonly PageRow[]): PageRow | undefined {
  const mine = rows.filter((row) => row.allowed?.() ?? true);
  return mine.find((row) => row.path === route.value.page) ?? mine[0];
}

const Setup = lazy(() => import('./pages/setup'));

export function App() {
  return (
    <>
      <ErrorBoundary key={stage.value}>{stages[stage.value]()}</ErrorBoundary>
      <Toasts />
    </>
  );
}

const stages = {
  asking: () => <main class="splash"><Logo size={72} /><p class="visually-hidden" role="status">{text('loading')}</p></main>,
  unreachable: () => <Unreachable />,
  setup: () => <Setup />,
  ready: () => <Ready />,
};

function Ready() {
  const open = OPEN_PAGES.find((row) => row.path === route.value.page && (row.allowed?.() ?? true));
  const row = session.value && !open ? choose(PAGES) : open ?? choose(OPEN_PAGES);
  const Page = row && pageOf(row);
  return (
    <ErrorBoundary key={row?.path}>
      {Page && (session.value && !open ? <Shell current={row.path}><Page /></Shell> : <Page />)}
    </ErrorBoundary>
  );
}
