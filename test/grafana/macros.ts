/**
 * Expands variables and macros as Grafana does before a query goes to PostgreSQL: variables in the browser
 * (`sqlstring`: quoted, comma-separated), then the global macros, then those of the PostgreSQL data source
 * (its `macros.go`), which allow no parenthesis inside their own.
 */
export interface Range {
  readonly from: Date;
  readonly to: Date;
  /** Seconds. */
  readonly interval: number;
}

export type Values = Readonly<Record<string, readonly string[]>>;

export function expand(sql: string, range: Range, values: Values): string {
  const withVariables = sql.replace(
    /\$\{(\w+)(?::(\w+))?\}|\$(?!__)(\w+)/g,
    (whole, name?: string, format?: string, bare?: string) => {
      const chosen = values[name ?? bare ?? ''];
      if (chosen === undefined) throw new Error(`no such variable: ${whole}`);
      if (format === 'sqlstring') return chosen.map((value) => `'${value.replaceAll("'", "''")}'`).join(',');
      throw new Error(`${whole} goes into SQL unquoted`);
    },
  );
  const withGlobals = withVariables
    .replaceAll('$__interval_ms', String(range.interval * 1000))
    .replaceAll('$__interval', `${range.interval}s`);
  return withGlobals.replace(/\$([_a-zA-Z0-9]+)\(([^)]*)\)/g, (whole, name: string, args: string) =>
    macro(
      whole,
      name,
      args.split(',').map((arg) => arg.trim()),
      range,
    ),
  );
}

function macro(whole: string, name: string, args: readonly string[], { from, to }: Range): string {
  const [column = '', width = ''] = args;
  switch (name) {
    case '__timeFilter':
      return `${column} BETWEEN '${from.toISOString()}' AND '${to.toISOString()}'`;
    case '__timeFrom':
      return `'${from.toISOString()}'`;
    case '__timeTo':
      return `'${to.toISOString()}'`;
    case '__timeGroup':
    case '__timeGroupAlias': {
      const seconds = secondsOf(width.replaceAll("'", ''));
      return `floor(extract(epoch from ${column})/${seconds})*${seconds}${name.endsWith('Alias') ? ' AS "time"' : ''}`;
    }
    default:
      throw new Error(`unknown macro ${whole}`);
  }
}

function secondsOf(text: string): number {
  const [, count, unit] = /^(\d+)(s|m|h|d)$/.exec(text) ?? [];
  const scale = { s: 1, m: 60, h: 3_600, d: 86_400 }[unit ?? ''];
  if (count === undefined || scale === undefined) throw new Error(`not an interval: ${text}`);
  return Number(count) * scale;
}
