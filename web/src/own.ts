/** What a table has under a name that comes from elsewhere: every object has a `constructor`, and no table means that. */
export function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
