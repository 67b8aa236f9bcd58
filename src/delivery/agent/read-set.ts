/**
 * Something that an attempt has learnt from the files that it began with. What it brings depends on
 * it: were the answer another one now, so might the attempt be.
 */
export type Read =
  /**
   * The content of a file, or that there is none. Also of one that was written as a whole: what
   * stands there afterwards is what was written, whatever others make of it meanwhile.
   */
  | { readonly kind: "file"; readonly path: string; readonly isWritten?: boolean | undefined }
  /** Which files are below a folder; undefined: all. */
  | { readonly kind: "listing"; readonly folder: string | undefined }
  /** Which lines hold a text. */
  | {
      readonly kind: "search";
      readonly text: string;
      readonly folder: string | undefined;
      readonly ignoreCase: boolean;
      readonly isPattern?: boolean | undefined;
      /** Glob of the paths that were searched. */
      readonly files?: string | undefined;
    }
  /** The names that every attempt is shown for orientation: it counts when one of them is gone. */
  | { readonly kind: "outline" }
  /** A command: everything, unless it is said which files and folders it depends on. */
  | {
      readonly kind: "command";
      readonly inputs: readonly string[] | undefined;
      /** It came to nothing because something of it was denied, which no file changes. */
      readonly isDenied?: boolean | undefined;
    };
