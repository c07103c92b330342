/** The root folder of the checkout. */
export const root: string;

/** The Node that runs everything. */
export function nodeBinary(): string;

/** Arguments for Node that run the `filigree` command from source. */
export function filigreeCommand(...args: string[]): string[];
