import type { ComponentChildren } from 'preact';
import { type Block, type Inline, blocksOf } from '../../protocol/markdown';
import { withLinks } from './body';

/** Draws words; links in them are links. */
type Draw = (text: string) => ComponentChildren;

/** A marked text as elements of this page. Nothing of it is ever HTML, and nothing is loaded from elsewhere. */
export function Markdown({ text, draw = withLinks }: { text: string; draw?: Draw }) {
  return <div class="marked">{blocksOf(text).map((block, at) => <One key={at} block={block} draw={draw} />)}</div>;
}

function One({ block, draw }: { block: Block; draw: Draw }) {
  if (block.is === 'code') return <pre class="marked__code" data-scroller tabIndex={0}><code>{block.text}</code></pre>;
  if (block.is === 'heading') return <p class="marked__heading"><Words parts={block.parts} draw={draw} /></p>;
  if (block.is === 'quote') return <blockquote class="marked__quote">{block.blocks.map((one, at) => <One key={at} block={one} draw={draw} />)}</blockquote>;
  if (block.is === 'lines') return <p>{block.lines.map((line, at) => <>{at > 0 && <br />}<Words key={at} parts={line} draw={draw} /></>)}</p>;
  const items = block.items.map((item, at) => <li key={at}><Words parts={item} draw={draw} /></li>);
  return block.ordered ? <ol class="marked__list" start={block.first}>{items}</ol> : <ul class="marked__list marked__list--dots">{items}</ul>;
}

function Words({ parts, draw }: { parts: readonly Inline[]; draw: Draw }) {
  return <>{parts.map((part, at) => <Word key={at} part={part} draw={draw} />)}</>;
}

function Word({ part, draw }: { part: Inline; draw: Draw }) {
  if (part.is === 'text') return <>{draw(part.text)}</>;
  if (part.is === 'code') return <code class="marked__word">{part.text}</code>;
  if (part.is === 'link') return <a class="bubble__link" href={part.to} title={part.to} target="_blank" rel="noopener noreferrer">{part.text}</a>;
  const inside = <Words parts={part.parts} draw={draw} />;
  if (part.is === 'bold') return <strong>{inside}</strong>;
  return part.is === 'italic' ? <em>{inside}</em> : <s>{inside}</s>;
}
