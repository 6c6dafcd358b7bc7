/** The place of a pane's rows while they are asked for. */
export function PaneSkeleton({ rows }: { rows: number }) {
  return (
    <div class="pane__rows" aria-hidden="true">
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} class="entry">
          <span class="skeleton skeleton--round" />
          <span class="entry__main stack stack--tight">
            <span class="skeleton skeleton--name" />
            <span class="skeleton skeleton--text" />
          </span>
        </div>
      ))}
    </div>
  );
}
