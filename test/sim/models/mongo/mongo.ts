import type { Db, Document, MongoClient } from 'mongodb'
import type { connectDatabase } from '../../../../src/ledger/database.ts'
import { Failure } from '../../../../src/domain/failure.ts'
import type { Link } from '../link.ts'
import type { ModelPorts } from '../ports.ts'
import { type Client, createClient } from './client.ts'
import { createCollectionClient } from './collection-client.ts'
import { createCursor } from './cursor.ts'
import type { Logged } from './database.ts'
import { Refusal } from './errors.ts'
import { compileFilter } from './filter.ts'
import { createServer, type MongoFaults } from './server.ts'
import { createSession, type Session } from './session.ts'
import type { Doc } from './values.ts'

export interface MongoModel {
  /** Gives a process the connection that `openLedger` takes as `connect`. */
  connect(link: Link): typeof connectDatabase
  readonly faults: MongoFaults
  /** What is stored now, for invariants. The documents are frozen. */
  documents(collection: string, database?: string): Iterable<Document>
  /** Calls back at each change of a document of this database, at the moment when it counts. */
  follow(database: string, onChange: (change: Logged) => void): void
}

/** A replica set of MongoDB in this process, on the time of its ports: what one client has written, all others see. */
export const createMongoModel = (ports: ModelPorts): MongoModel => {
  const server = createServer(ports)
  return {
    connect: link => async (_url, name) => {
      const client = createClient(server, link)
      try {
        await client.select()
      } catch (cause) {
        await client.close()
        const message = 'MongoDB does not answer: check that mongod runs.'
        throw new Failure('ledger_unavailable', message, { cause, internal: message, retryAfterS: 5 })
      }
      return { client: clientOf(client), db: dbOf(client, name), explain: error => error }
    },
    faults: server.faults,
    follow: (database, onChange) => void server.database(database).follow(onChange),
    documents: (collection, database = 'doorbell') => server.database(database).collection(collection).all() as never,
  }
}

const clientOf = (client: Client): MongoClient =>
  Object.assign(client.events, {
    options: { hosts: [], tls: false },
    db: (name: string) => dbOf(client, name),
    withSession: <T>(work: (session: Session) => Promise<T>) => work(createSession(client)),
    close: client.close,
  }) as unknown as MongoClient

const dbOf = (client: Client, name: string): Db => {
  const listed = (filter: Doc) => {
    const matches = compileFilter(filter, client.server.ports)
    return createCursor(client, 'listCollections', () => server => {
      const database = server.database(name)
      return database.names().flatMap(each => {
        const found = { name: each, type: 'collection', options: database.collection(each).options }
        const info = { readOnly: false, uuid: uuidOf(database.collection(each).uuid) }
        return matches(found) ? [{ ...found, info }] : []
      })
    })
  }
  return {
    databaseName: name,
    get client() {
      return clientOf(client)
    },
    collection: (collection: string) => createCollectionClient(client, name, collection),
    listCollections: (filter: Doc = {}) => listed(filter),
    createCollection: (collection: string, options: Doc) =>
      client.ask(
        server => {
          const database = server.database(name)
          if (database.find(collection) !== undefined) throw new Refusal(48, 'Collection already exists')
          database.create(collection, options)
        },
        { name: 'create', writes: true },
      ),
    command: (command: Doc) => runCommand(client, name, command),
  } as unknown as Db
}

const uuidOf = (hex: string) => ({ toString: () => hex })

const runCommand = (client: Client, name: string, command: Doc): Promise<Doc> => {
  const [kind = ''] = Object.keys(command)
  switch (kind) {
    case 'connectionStatus':
      return client.ask(() => ({ authInfo: { authenticatedUsers: [], authenticatedUserPrivileges: [] } }), {
        name: kind,
      })
    case 'hello':
      return client.ask(server => ({ localTime: new Date(server.ports.now()), isWritablePrimary: true }), {
        name: kind,
      })
    case 'ping':
      return client.ask(() => ({ ok: 1 }), { name: kind })
    case 'collMod': {
      const { collMod, index, ...options } = command
      const change = (collection: { options: Doc }) => void (collection.options = { ...collection.options, ...options })
      return client.ask(
        server => {
          const found = server.database(name).find(collMod as string)
          if (found === undefined) throw new Refusal(26, 'ns does not exist')
          if (index === undefined) change(found)
          return { ok: 1 }
        },
        { name: kind, writes: true },
      )
    }
    default:
      return Promise.reject(new Error(`the model of MongoDB does not know the command ${kind}`))
  }
}
