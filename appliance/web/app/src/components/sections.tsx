import './sections.css';
import type { ComponentChildren, ComponentType } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { type StringKey, text } from '../state/language';
import { link } from '../state/route';
import { Icon, type IconName } from './icon';

export interface Section {
  path: string;
  name: StringKey;
  icon: IconName;
  Page: ComponentType;
}

const NARROW = matchMedia('(max-width: 46rem)');

function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(NARROW.matches);
  useEffect(() => {
    const hear = () => setNarrow(NARROW.matches);
    NARROW.addEventListener('change', hear);
    return () => NARROW.removeEventListener('change', hear);
  }, []);
  return narrow;
}

interface SectionsProps {
  page: string;
  title: string;
  sections: readonly Section[];
  /** From the address; nothing on the first visit. */
  current: string | undefined;
  footer?: ComponentChildren;
}

/** A page in sections: their list stands beside the one that is open; on a phone it comes first and leads to them. */
export function Sections({ page, title, sections, current, footer }: SectionsProps) {
  const narrow = useNarrow();
  const named = sections.find((section) => section.path === current);
  const open = named ?? (narrow ? undefined : sections[0]);
  return (
    <div class="sections">
      {!(narrow && open) && (
        <div class="sections__side">
          {narrow ? <h1 class="sections__title">{title}</h1> : <p class="sections__title">{title}</p>}
          <nav aria-label={title}>
            <ul class="sections__list">
              {sections.map((section) => (
                <li key={section.path}>
                  <a class="sections__link" href={link(page, section.path)} aria-current={section === open ? 'page' : undefined}>
                    <Icon name={section.icon} />
                    <span class="grow">{text(section.name)}</span>
                    {narrow && <Icon name="next" size={16} />}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
          {footer && <div class="sections__footer">{footer}</div>}
        </div>
      )}
      {open && (
        <div class="sections__main" key={open.path}>
          <div class="sections__content">
            <Head title={text(open.name)} {...(narrow && { back: { href: link(page), name: title } })} focus={named !== undefined} />
            <open.Page />
          </div>
        </div>
      )}
    </div>
  );
}

interface HeadProps {
  title: ComponentChildren;
  text?: ComponentChildren;
  back?: { href: string; name: string };
  actions?: ComponentChildren;
  /** Whether the reader is taken here when it is first shown. */
  focus?: boolean;
}

/** The one heading of a page, with the way back and what can be done on the whole page. */
export function Head({ title, text: words, back, actions, focus = false }: HeadProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (focus && document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
    return () => {
      document.title = text('product');
    };
  }, []);
  useEffect(() => {
    document.title = `${heading.current?.textContent ?? ''} · ${text('product')}`;
  });
  return (
    <div class="head">
      {back && (
        <a class="head__back" href={back.href}>
          <Icon name="back" size={16} />
          <span>{back.name}</span>
        </a>
      )}
      <div class="head__row">
        <div class="grow">
          <h1 ref={heading} tabIndex={-1}>{title}</h1>
          {words && <p class="soft head__text">{words}</p>}
        </div>
        {actions && <div class="row row--wrap">{actions}</div>}
      </div>
    </div>
  );
}

interface TabsProps {
  label: string;
  tabs: readonly { href: string; name: string; current: boolean }[];
}

/** A few pages that belong together, as links. */
export function Tabs({ label, tabs }: TabsProps) {
  return (
    <nav class="tabs" aria-label={label}>
      <ul class="tabs__list">
        {tabs.map((tab) => (
          <li key={tab.href}>
            <a class="tabs__link" href={tab.href} aria-current={tab.current ? 'page' : undefined}>{tab.name}</a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** A part of a page: what it is about, and what belongs to it. */
export function Part({ title, text: words, actions, children, danger = false }: { title: string; text?: ComponentChildren; actions?: ComponentChildren; children?: ComponentChildren; danger?: boolean }) {
  const id = useId();
  return (
    <section class="card part" aria-labelledby={id} data-danger={danger}>
      <div class="part__head">
        <div class="grow">
          <h2 id={id}>{title}</h2>
          {words && <div class="soft part__text">{words}</div>}
        </div>
        {actions && <div class="row row--wrap">{actions}</div>}
      </div>
      {children}
    </section>
  );
}
