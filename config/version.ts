import packageJson from '../package.json' with { type: 'json' }

/** What receivers see in `user-agent`. */
export const userAgent = `Doorbell/${packageJson.version}`
export const version: string = packageJson.version
