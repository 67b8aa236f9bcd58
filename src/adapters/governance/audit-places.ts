import { join } from "node:path";

/** Where the parts of an audit log are. */
export interface AuditPlaces {
  /** `audit.log.jsonl`, or where `auditLog` puts it; older segments stand beside it. */
  readonly log: string;
  /** Folder of everything below. */
  readonly folder: string;
  readonly lock: string;
  readonly checkpoint: string;
  readonly epochs: string;
  /** Private key of the newest epoch. */
  readonly key: string;
  /** Private key of an epoch that is about to begin. */
  readonly nextKey: string;
  readonly snapshot: string;
  /** The state before that one, and a checkpoint that vouches for it. */
  readonly oldSnapshot: string;
  readonly oldSnapshotVoucher: string;
  readonly hashes: string;
  readonly anchors: string;
  readonly blobs: string;
  readonly quarantine: string;
}

export function auditPlaces(home: string, logFile: string): AuditPlaces {
  const folder = join(home, "audit");
  return {
    log: logFile,
    folder,
    lock: join(folder, "lock"),
    checkpoint: join(folder, "checkpoint"),
    epochs: join(folder, "epochs.jsonl"),
    key: join(folder, "epoch.key"),
    nextKey: join(folder, "epoch.key.next"),
    snapshot: join(folder, "state.json"),
    oldSnapshot: join(folder, "state.json.old"),
    oldSnapshotVoucher: join(folder, "state.json.old.checkpoint"),
    hashes: join(folder, "hashes"),
    anchors: join(folder, "anchors.jsonl"),
    blobs: join(folder, "blobs"),
    quarantine: join(folder, "quarantine"),
  };
}
