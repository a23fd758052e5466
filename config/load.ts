import type { IdentityProviderSettings } from '../src/domain/identity-provider.ts'
import { Failure, type Fault } from '../src/domain/failure.ts'
import { contradictions } from './contradictions.ts'
import { identityProvider, plainSettings, type Settings, type ValuesOf } from './settings.ts'
import type { Setting } from './setting.ts'
import { unknownSettings } from './unknown-settings.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Reads and checks all settings. Throws Failure `invalid_settings` that names every fault at once: setting, value, remedy. */
export const loadSettings = (environment: Environment): Settings => {
  const faults: Fault[] = unknownSettings(environment)
  const read = <S extends Readonly<Record<string, Setting<unknown>>>>(settings: S): ValuesOf<S> =>
    Object.fromEntries(Object.entries(settings).map(([key, each]) => [key, readOne(each)])) as ValuesOf<S>

  const readOne = (setting: Setting<unknown>): unknown => {
    // A variable that is set to nothing counts as not set, as in a compose file: `HOST=` must not mean every address.
    const text = environment[setting.name] || undefined
    try {
      return setting.read(text)
    } catch (error) {
      const value = setting.isSecret ? 'its value' : `"${withoutCredentials(text ?? '')}"`
      const why = (error as Error).message
      faults.push({ pointer: setting.name, detail: `${value} ${why}` })
      // Its default, so that other faults are found as well.
      return setting.read(undefined)
    }
  }

  const values = read(plainSettings)
  const settings = {
    ...values,
    metricsHost: values.metricsHost ?? values.host,
    identityProvider: completed(read(identityProvider)),
  }
  faults.push(...contradictions(settings))
  if (faults.length === 0) return settings
  const lines = faults.map(({ pointer, detail }) => `  ${pointer}: ${detail}`)
  throw new Failure(
    'invalid_settings',
    `The settings are not valid:\n${lines.join('\n')}\nAll settings: npm start -- --help`,
    { faults },
  )
}

const completed = (values: ValuesOf<typeof identityProvider>): IdentityProviderSettings | null => {
  const { issuer, jwksUrl, ...others } = values
  if (issuer === null) return null
  return { ...others, issuer, jwksUrl: jwksUrl ?? `${issuer.replace(/\/+$/, '')}/.well-known/jwks.json` }
}

/** A server's URL without its user and password. */
const withoutCredentials = (url: string): string => url.replaceAll(/\/\/[^/]*@/g, '//***@')
