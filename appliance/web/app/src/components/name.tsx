import { plain } from '../state/plain';

/** What somebody else has entered: apart from the direction of the text around it, and without what could turn that. */
export function Name({ children, class: name }: { children: string; class?: string }) {
  return <bdi class={name} dir="auto">{plain(children)}</bdi>;
}
