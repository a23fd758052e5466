import {
  MongoBulkWriteError,
  MongoNetworkError,
  MongoOperationTimeoutError,
  MongoServerError,
  MongoServerSelectionError,
} from 'mongodb'

/** A server's refusal of a command, or of one document. */
export class Refusal {
  readonly code: number
  readonly message: string
  readonly labels: readonly string[]
  constructor(code: number, message: string, labels: readonly string[] = []) {
    this.code = code
    this.message = message
    this.labels = labels
  }
}

export const duplicateKey = (collection: string, index: string) =>
  new Refusal(11_000, `E11000 duplicate key error collection: ${collection} index: ${index}`)
export const invalidDocument = () => new Refusal(121, 'Document failed validation')
export const writeConflict = () => new Refusal(112, 'Write conflict', ['TransientTransactionError'])
export const notPrimary = () => new Refusal(10_107, 'not primary', ['RetryableWriteError'])
export const outOfDisk = () => new Refusal(14_031, 'available disk space is below the required minimum')
export const historyLost = () => new Refusal(286, 'the resume point may no longer be in the oplog')

/** The driver's error for what a server answered. */
export const serverError = ({ code, message, labels }: Refusal): MongoServerError =>
  new MongoServerError({ message, errmsg: message, code, errorLabels: [...labels] })

export const networkError = () => new MongoNetworkError('connection closed')

export const selectionError = () =>
  new MongoServerSelectionError('Server selection timed out after 5000 ms', { servers: new Map() } as never)

export const timeoutError = (timeoutMs: number) => new MongoOperationTimeoutError(`Timed out after ${timeoutMs} ms`)

export interface WriteFault {
  readonly index: number
  readonly code: number
  readonly errmsg: string
}

/** The driver's error for a batch of which the server refused some documents. */
export const bulkError = (faults: readonly WriteFault[], counts: object): MongoBulkWriteError => {
  const [{ code, errmsg: message } = { code: 0, errmsg: '' }] = faults
  return new MongoBulkWriteError(
    { message, code, writeErrors: faults } as never,
    { ...counts, getWriteErrors: () => faults, getWriteConcernError: () => undefined } as never,
  )
}
