/** A request that is refused. The message is for the user of the page. */
export class Refusal extends Error {
  readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 415 | 429
  constructor(status: Refusal['status'], message: string) {
    super(message)
    this.status = status
  }
}
