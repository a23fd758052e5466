import { type Asset, assetOf } from '../assets/asset.ts'

/** Folders in the order of the cascade: a part can rely on the tokens, and a view can adjust a part. */
const layers = ['style/', 'parts/', '']

/** Joins the style sheets among the page's files into one, so that a browser makes one request. Each begins with its name. */
export const stylesheetOf = async (files: readonly (readonly [name: string, asset: Asset])[]): Promise<Asset> => {
  const sheets = files
    .filter(([name]) => name.endsWith('.css'))
    .toSorted(([one], [other]) => layerOf(one) - layerOf(other))
  const text = sheets.map(([name, { bytes }]) => `/* ${name} */\n${bytes.toString()}`).join('\n')
  return assetOf(Buffer.from(text), 'text/css; charset=utf-8')
}

const layerOf = (name: string): number => layers.findIndex(layer => name.startsWith(layer))
