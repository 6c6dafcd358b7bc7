import { Component, type ComponentChildren, type ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { text } from '../state/language';
import { Button } from './button';
import { Empty } from './notice';

/** Loads a page when it is first shown. */
export function lazy(load: () => Promise<{ default: ComponentType }>): ComponentType {
  let loaded: ComponentType | undefined;
  return function Lazy() {
    const [Page, setPage] = useState<ComponentType | undefined>(() => loaded);
    const [failed, setFailed] = useState<unknown>(undefined);
    useEffect(() => {
      if (loaded) return;
      load().then((module) => {
        loaded = module.default;
        setPage(() => loaded);
      }, setFailed);
    }, []);
    if (failed) return <Broken />;
    return Page ? <Page /> : <p class="visually-hidden" role="status">{text('loading')}</p>;
  };
}

function Broken() {
  return (
    <Empty icon="warning" title={text('page_failed')}>
      <p>{text('page_failed_text')}</p>
      <Button kind="main" onClick={() => location.reload()}>{text('reload')}</Button>
    </Empty>
  );
}

/** A page that throws is replaced by words; the rest of the application goes on. */
export class ErrorBoundary extends Component<{ children: ComponentChildren }, { failed: boolean }> {
  override state = { failed: false };

  static override getDerivedStateFromError() {
    return { failed: true };
  }

  override componentDidCatch(error: unknown) {
    console.error(error);
  }

  override render() {
    return this.state.failed ? <Broken /> : this.props.children;
  }
}
