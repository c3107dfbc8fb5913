/** The types of the check, for its test. */
export declare function exportProblems(
  modules: ReadonlyMap<string, string>,
  allowed: Readonly<Record<string, string>>,
): string[];
export declare function unusedProblems(modules: ReadonlyMap<string, string>): string[];
export declare function fileProblems(
  paths: readonly string[],
  allowed: readonly { readonly files: RegExp; readonly why: string }[],
): string[];
export declare function productModules(root: string): ReadonlyMap<string, string>;
