// The bill of materials (CycloneDX JSON): what npm knows of the product's packages, and the two big parts that npm does not know, Electron and OpenBLAS.
import { spawnSync } from 'node:child_process'
import { manifest, root } from './names.mjs'

/** `packages`: from scripts/licences.mjs, those that are in the package; npm's list is cut to them. */
export function makeSbom(packages, electronVersion, openblas) {
  const { status, stdout, stderr } = spawnSync(
    'npm',
    ['sbom', '--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=application'],
    {
      cwd: root,
      encoding: 'utf8',
      shell: process.platform === 'win32',
      maxBuffer: 1 << 26
    }
  )
  if (status !== 0) throw new Error(`npm sbom failed: ${stderr.trim()}`)
  const sbom = JSON.parse(stdout)
  const inside = new Set(packages.map(({ name, version }) => `${name}@${version}`))
  const fullName = ({ group, name }) => (group ? `${group}/${name}` : name)
  sbom.components = sbom.components.filter((part) => inside.has(`${fullName(part)}@${part.version}`))
  const missing = [...inside].filter((one) => !sbom.components.some((part) => `${fullName(part)}@${part.version}` === one))
  if (missing.length > 0) throw new Error(`npm's bill of materials lacks ${missing.join(', ')}`)
  const add = (name, version, license, extra = {}) => {
    const ref = `${name}@${version}`
    sbom.components.push({ 'bom-ref': ref, type: 'framework', name, version, licenses: [{ license: { id: license } }], ...extra })
    return ref
  }
  const added = [add('electron', electronVersion, 'MIT', { purl: `pkg:npm/electron@${electronVersion}` })]
  if (openblas)
    added.push(
      add('scipy-openblas32', openblas.version, 'BSD-2-Clause', {
        type: 'library',
        purl: `pkg:pypi/scipy-openblas32@${openblas.version}`,
        ...(/^[0-9a-f]{64}$/.test(openblas.sha256 ?? '') ? { hashes: [{ alg: 'SHA-256', content: openblas.sha256 }] } : {})
      })
    )
  const refs = new Set(sbom.components.map((part) => part['bom-ref']))
  const own = sbom.metadata.component['bom-ref']
  sbom.metadata.component.version = manifest.version
  sbom.dependencies = sbom.dependencies
    .filter(({ ref }) => ref === own || refs.has(ref))
    .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: [...dependsOn.filter((one) => refs.has(one)), ...(ref === own ? added : [])] }))
  sbom.dependencies.push(...added.map((ref) => ({ ref, dependsOn: [] })))
  return sbom
}
