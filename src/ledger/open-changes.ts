import { once } from 'node:events'
import type { ChangeStream, ChangeStreamDocument, Document } from 'mongodb'

/** Resolves once the server has opened the stream, to the changes from then on. Rejects when it cannot, or when the stream is closed first. */
export const openChanges = async <T extends Document>(
  stream: ChangeStream<T, ChangeStreamDocument<T>>,
): Promise<AsyncGenerator<ChangeStreamDocument<T>>> => {
  const first = stream.tryNext()
  // A stream that is closed before anybody reads it.
  first.catch(() => undefined)
  // The first resume token shows that it is open. While nothing changes, the server holds the request for a second.
  await Promise.race([once(stream, 'resumeTokenChanged'), first])
  return changesOf(stream, first)
}

/** The change that the first request returns, and those that follow. */
async function* changesOf<T extends Document>(
  stream: ChangeStream<T, ChangeStreamDocument<T>>,
  first: Promise<ChangeStreamDocument<T> | null>,
) {
  const change = await first
  if (change !== null) yield change
  yield* stream
}
