/** A record, or a part of one, as it stands in a project's folder. */
export interface RecordContent {
  /** Absolute folder of the project. */
  readonly project: string;
  /** Path below `.autosd`, or what stands for a part of a file: `prompt_journal.jsonl answer`. */
  readonly name: string;
  /** `sha256:` of the content. */
  readonly digest: string;
}

/**
 * What this home wrote into folders of projects. A folder can come with an archive, and whoever
 * packed it can have written anything: what is not known here is a claim, to be proven or asked anew.
 */
export interface OwnRecords {
  /** Before it is written. Keeps the newest contents of each name; forgetting is harmless. */
  remember(content: RecordContent): Promise<void>;
  /** Also when it was written for another folder: a folder that was moved is as good as before. */
  knows(content: RecordContent): Promise<boolean>;
}

/** How many contents of one name are known at least; the next one may take the oldest one's place. */
export const rememberedContents = 32;
