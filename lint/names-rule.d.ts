/** The type of the rule, for its test. */
import type { Rule } from 'eslint';

export declare const namesRule: Rule.RuleModule;
