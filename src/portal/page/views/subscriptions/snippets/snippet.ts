/** Code that verifies a webhook in one language. */
export interface Snippet {
  readonly label: string
  /** What to install for it. */
  readonly install: string
  readonly code: string
}
