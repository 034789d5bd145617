//! A titled table of something that is fetched.

import type { ComponentChildren } from "preact";
import { Loaded, type Resource } from "../../parts/resource.tsx";

interface Props<T> {
  readonly title: string;
  readonly of: Resource<readonly T[]>;
  /** Names of the columns; `#` before one of numbers. */
  readonly columns: readonly string[];
  readonly children: (row: T) => readonly ComponentChildren[];
}

export function NotAll({ shown }: { shown: number }) {
  return <p class="muted">These are the first {shown}; narrow the filters to see the others.</p>;
}

export function Sheet<T>({ title, of, columns, children }: Props<T>) {
  const id = `${title.toLowerCase().replaceAll(" ", "-")}-title`;
  const isNumber = (index: number) => columns[index]?.startsWith("#") ?? false;
  return (
    <section class="panel" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <Loaded of={of}>
        {(rows) =>
          rows.length === 0 ? (
            <p class="muted">None.</p>
          ) : (
            <div class="table-scroll half" tabIndex={0} role="group" aria-label={title}>
              <table>
                <thead>
                  <tr>
                    {columns.map((name, index) =>
                      name === "" ? (
                        <td key={index} />
                      ) : (
                        <th key={index} scope="col" class={isNumber(index) ? "num" : ""}>
                          {name.replace("#", "")}
                        </th>
                      ),
                    )}
                  </tr>
                </thead>
                <tbody>
                  {rows.map((row, at) => (
                    <tr key={at}>
                      {children(row).map((cell, index) => (
                        <td key={index} class={isNumber(index) ? "num" : ""}>
                          {cell}
                        </td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Loaded>
    </section>
  );
}
