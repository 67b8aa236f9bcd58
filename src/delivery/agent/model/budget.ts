import { ModelError } from "./errors.ts";
import type { TokenUsage } from "./model.port.ts";
import { costMicrousd, type ModelPrice, worstCostMicrousd } from "./prices.ts";
import type { JournalRecord } from "./prompt-journal.port.ts";

/** What a run may spend on models; undefined: no limit. */
export interface BudgetLimits {
  readonly maxTokens: number | undefined;
  readonly maxCostMicrousd: number | undefined;
}

/** The most that one call can take. */
export interface CallSize {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface Spent {
  readonly tokens: number;
  readonly microusd: number;
}

/** Answers to the same question that broke off: paid for, with how much of each, nobody says. */
export interface Cuts {
  readonly count: number;
  /** The most that one can have had. */
  readonly outputTokens: number;
}

/** What is set aside for a call that is under way. */
export interface Reservation {
  readonly tokens: number;
  /** Null: the price of the model is not known. */
  readonly microusd: number | null;
  /** Ends the reservation by what the call took; without figures, by what was set aside. */
  settle(usage: TokenUsage | undefined, cuts?: Cuts): Spent;
  /** Ends it: nothing was taken. */
  release(): void;
}

/** Where calls are paid from. */
export interface Purse {
  /** AUTOSD-BUDGET-SPENT when the call could cross a limit; then nothing is set aside. */
  reserve(size: CallSize, price: ModelPrice | undefined): Reservation;
  /** The end of any call that is under way and waits for no turn; undefined: there is none. */
  freed(): Promise<void> | undefined;
}

/** Refinement and backlog, each asked again once, and the first question of a story. */
const callsAhead = 5;
/** Of a limit, so much is kept for the story whose turn it is. */
const keptShare = 1 / 4;

/**
 * The budget of one run, shared by all who call models for it. A call is paid for before it is made,
 * at the most it can cost: calls that are under way together can never cross the limit.
 */
export class RunBudget implements Purse {
  readonly #limits: BudgetLimits;
  readonly #run: string | undefined;
  #tokens: number;
  #microusd: number;
  /** The most that one call has set aside so far. */
  #largest: Spent = { tokens: 0, microusd: 0 };
  readonly #openAhead = new Set<Promise<void>>();

  /** `run`: for the command that goes on; undefined: the newest. */
  constructor(limits: BudgetLimits, spent: Spent, run?: string) {
    this.#limits = limits;
    this.#run = run;
    this.#tokens = spent.tokens;
    this.#microusd = spent.microusd;
  }

  /** Spent and set aside. */
  get committed(): Spent {
    return { tokens: this.#tokens, microusd: this.#microusd };
  }

  reserve(size: CallSize, price: ModelPrice | undefined): Reservation {
    return this.#reserve(size, price, { tokens: 0, microusd: 0 }, () => undefined);
  }

  freed(): Promise<void> | undefined {
    return this.#openAhead.size === 0 ? undefined : Promise.race(this.#openAhead);
  }

  /**
   * For attempts ahead of their turn: the last of the budget is not theirs. What is left after each
   * of their calls is a quarter of the limit, and no less than the largest call has set aside.
   */
  ahead(): Purse {
    return {
      freed: () => undefined,
      reserve: (size, price) => {
        let settled = (): void => undefined;
        const end = new Promise<void>((resolve) => (settled = resolve));
        const reservation = this.#reserve(size, price, this.#keptForTurns(), () => {
          this.#openAhead.delete(end);
          settled();
        });
        this.#openAhead.add(end);
        return reservation;
      },
    };
  }

  #keptForTurns(): Spent {
    const { maxTokens = 0, maxCostMicrousd = 0 } = this.#limits;
    return {
      tokens: Math.max(maxTokens * keptShare, this.#largest.tokens),
      microusd: Math.max(maxCostMicrousd * keptShare, this.#largest.microusd),
    };
  }

  #reserve(
    size: CallSize,
    price: ModelPrice | undefined,
    kept: Spent,
    onEnd: () => void,
  ): Reservation {
    const tokens = size.inputTokens + size.outputTokens;
    const microusd =
      price === undefined ? null : worstCostMicrousd(price, size.inputTokens, size.outputTokens);
    this.#refuseCrossing(tokens, microusd, kept);
    this.#tokens += tokens;
    this.#microusd += microusd ?? 0;
    this.#largest = {
      tokens: Math.max(this.#largest.tokens, tokens),
      microusd: Math.max(this.#largest.microusd, microusd ?? 0),
    };
    let isOpen = true;
    const end = (spent: Spent): Spent => {
      if (!isOpen) return spent;
      isOpen = false;
      onEnd();
      this.#tokens += spent.tokens - tokens;
      this.#microusd += spent.microusd - (microusd ?? 0);
      return spent;
    };
    return {
      tokens,
      microusd,
      settle: (usage, cuts) =>
        end(spentBy(withCuts(usage, cuts), { tokens, microusd: microusd ?? 0 }, price)),
      release: () => void end({ tokens: 0, microusd: 0 }),
    };
  }

  #refuseCrossing(tokens: number, microusd: number | null, kept: Spent): void {
    const { maxTokens, maxCostMicrousd } = this.#limits;
    if (maxTokens !== undefined && this.#tokens + tokens + kept.tokens > maxTokens)
      throw new ModelError(
        "AUTOSD-BUDGET-SPENT",
        `the next call may take ${tokens} tokens; ${Math.max(0, maxTokens - this.#tokens)} of ${maxTokens} are left`,
        {
          remedy: this.#resumeWith(
            "--max-tokens",
            String(roundedUp(Math.max(2 * maxTokens, this.#tokens + callsAhead * tokens))),
          ),
        },
      );
    if (maxCostMicrousd === undefined) return;
    if (microusd === null)
      throw new ModelError(
        "AUTOSD-MODEL-UNCONFIGURED",
        "the price of this model is not known, so its cost cannot be limited",
        {
          remedy:
            "Limit the tokens instead: --max-tokens N; or write the price into prices.json in the home folder",
        },
      );
    if (this.#microusd + microusd + kept.microusd > maxCostMicrousd)
      throw new ModelError(
        "AUTOSD-BUDGET-SPENT",
        `the next call may cost ${dollars(microusd)}; ${dollars(Math.max(0, maxCostMicrousd - this.#microusd))} of ${dollars(maxCostMicrousd)} are left (by your prices.json)`,
        {
          remedy: this.#resumeWith(
            "--max-cost-usd",
            amount(Math.max(2 * maxCostMicrousd, this.#microusd + callsAhead * microusd)),
          ),
        },
      );
  }

  /** Twice the limit, and no less than several such calls may take: one more would be cut off again. */
  #resumeWith(flag: string, value: string): string {
    const run = this.#run === undefined ? "" : ` ${this.#run}`;
    return `autosd runs resume${run} ${flag} ${value}`;
  }
}

/** A question that broke off was read as often, and may have been answered to the last token. */
function withCuts(usage: TokenUsage | undefined, cuts: Cuts | undefined): TokenUsage | undefined {
  if (cuts === undefined || usage?.inputTokens === undefined || usage.outputTokens === undefined)
    return usage;
  return {
    ...usage,
    inputTokens: usage.inputTokens * (1 + cuts.count),
    outputTokens: usage.outputTokens + cuts.count * cuts.outputTokens,
  };
}

function spentBy(
  usage: TokenUsage | undefined,
  reserved: Spent,
  price: ModelPrice | undefined,
): Spent {
  if (usage?.inputTokens === undefined || usage.outputTokens === undefined) return reserved;
  const tokens = usage.inputTokens + usage.outputTokens;
  return { tokens, microusd: price === undefined ? 0 : costMicrousd(price, usage) };
}

/** To two digits: nobody counts single tokens. */
function roundedUp(tokens: number): number {
  const unit = 10 ** Math.max(0, String(tokens).length - 2);
  return Math.ceil(tokens / unit) * unit;
}

/** Whole cents, rounded up. */
function amount(microusd: number): string {
  return (Math.ceil(microusd / 10_000) / 100).toFixed(2);
}

function dollars(microusd: number): string {
  return `$${(microusd / 1_000_000).toFixed(4)}`;
}

/** Where a failed call does not say what it cost, one of these costs what was set aside for it. */
const mayBeBilled = new Set(["AUTOSD-MODEL-CUT"]);

/** What a run has spent by its journal; a call whose answer never came counts as it was set aside. */
export async function spentByJournal(
  records: AsyncIterable<JournalRecord>,
  run: string,
): Promise<Spent> {
  const open = new Map<string, Spent>();
  let tokens = 0;
  let microusd = 0;
  const add = (spent: Spent | undefined): void => {
    tokens += spent?.tokens ?? 0;
    microusd += spent?.microusd ?? 0;
  };
  for await (const record of records) {
    if (record.run !== run) continue;
    const key = `${record.story}\0${record.attempt}\0${record.turn}`;
    if (record.kind === "intent") {
      add(open.get(key));
      open.set(key, { tokens: record.reservedTokens, microusd: record.reservedMicrousd ?? 0 });
    } else if (record.kind === "answer") {
      const { usage } = record.answer;
      const reserved = open.get(key);
      open.delete(key);
      if (usage.inputTokens === undefined || usage.outputTokens === undefined) add(reserved);
      else
        add({
          tokens: record.spentTokens ?? usage.inputTokens + usage.outputTokens,
          microusd: record.costMicrousd ?? 0,
        });
    } else if (record.kind === "call-failed") {
      const { spentTokens, costMicrousd } = record;
      if (spentTokens !== undefined) add({ tokens: spentTokens, microusd: costMicrousd ?? 0 });
      else if (mayBeBilled.has(record.code)) add(open.get(key));
      open.delete(key);
    }
  }
  for (const spent of open.values()) add(spent);
  return { tokens, microusd };
}
