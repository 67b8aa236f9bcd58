declare const txBrand: unique symbol;

/** An open transaction of the state database; only store adapters look inside. */
export interface Tx {
  readonly [txBrand]: true;
}
