/** Reads numbers with the declared decimal sign, and nothing that only resembles one, such as `0x10` or `1.234,5`. */

const shapes = {
  '.': /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i,
  ',': /^[+-]?(\d+(,\d*)?|,\d+)(e[+-]?\d+)?$/i,
} as const;
const infinite = /^([+-]?)inf(inity)?$/i;

export type DecimalSign = keyof typeof shapes;
export type NumberReader = (text: string) => number | undefined;

/** @returns a function that gives the number, which may be NaN or infinite; undefined when the text is not a number */
export function numberReader(decimal: DecimalSign): NumberReader {
  const shape = shapes[decimal];
  return (text) => {
    if (shape.test(text)) return Number(decimal === '.' ? text : text.replace(',', '.'));
    if (/^nan$/i.test(text)) return NaN;
    const sign = infinite.exec(text)?.[1];
    return sign === undefined ? undefined : sign === '-' ? -Infinity : Infinity;
  };
}
