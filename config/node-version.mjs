/** Ends the start on an old Node, which would otherwise fail with an error about TypeScript. JavaScript, since an old Node reads it. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 12)) {
  process.stderr.write(
    `Doorbell needs Node 24.12 or later, and this is ${process.version}. On Linux (x64, arm64), "npm ci" installs one; elsewhere, install it.\n`,
  )
  process.exit(1)
}
