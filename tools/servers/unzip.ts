import { importOptional } from './find-binary.ts'

export type Unzip = (archive: Uint8Array, isWanted: (name: string) => boolean) => Map<string, Uint8Array>

/** Throws, before anything is downloaded, if the package that unzips is not installed. */
export const importUnzip = async (): Promise<Unzip> => {
  const { unzipSync } = await importOptional('fflate', () => import('fflate'))
  return (archive, isWanted) => new Map(Object.entries(unzipSync(archive, { filter: ({ name }) => isWanted(name) })))
}
