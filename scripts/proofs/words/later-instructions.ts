/**
 * Instructions of SPARC T4 to M8 and of Fujitsu's chips that no model of ours executes: cryptography, and the multiply-add,
 * partitioned and database instructions that came after VIS 3 (Oracle SPARC Architecture 2015, chapter 7).
 */
export const LATER_INSTRUCTIONS: ReadonlySet<string> = new Set([
  ...['aes_dround01', 'aes_dround01_l', 'aes_dround23', 'aes_dround23_l', 'aes_eround01', 'aes_eround01_l'],
  ...['aes_eround23', 'aes_eround23_l', 'aes_kexpand0', 'aes_kexpand1', 'aes_kexpand2'],
  ...['camellia_f', 'camellia_fl', 'camellia_fli', 'crc32c', 'des_iip', 'des_ip', 'des_kexpand', 'des_round'],
  ...['kasumi_fi_fi', 'kasumi_fi_xor', 'kasumi_fl_xor', 'md5', 'sha1', 'sha256', 'sha3', 'sha512'],
  ...['montmul', 'montsqr', 'mpmul', 'xmpmul', 'xmontmul', 'xmontsqr'],
  ...['fnumaddd', 'fnumadds', 'fnumsubd', 'fnumsubs', 'fumaddd', 'fumadds', 'fumsubd', 'fumsubs'],
  ...['fpadd8', 'fpadds8', 'fpaddus16', 'fpaddus8', 'fpsub8', 'fpsubs8', 'fpsubus16', 'fpsubus8'],
  ...['fpcmpgt8', 'fpcmple8', 'fpcmpugt16', 'fpcmpugt32', 'fpcmpule16', 'fpcmpule32'],
  ...['de', 'eq', 'gt', 'le', 'ne', 'ugt', 'ule', 'ur'].flatMap((test) =>
    ['8', '16', '32'].map((bits) => `fpcmp${test}${bits}shl`),
  ),
  ...['max', 'maxu', 'min', 'minu'].flatMap((name) => ['8', '16', '32'].map((bits) => `fp${name}${bits}`)),
  ...['fpsll64x', 'fpsra64x', 'fpsrl64x', 'dictunpack', 'rle_burst', 'rle_length'],
  ...['revbitsb', 'revbytesh', 'revbytesw', 'revbytesx', 'onadd', 'ondiv', 'onmul', 'onsub', 'subxc', 'subxccc'],
  ...['ldmfd', 'ldmfs', 'ldmsh', 'ldmsw', 'ldmuh', 'ldmuw', 'ldmx', 'stmfd', 'stmfs', 'stmh', 'stmw', 'stmx'].flatMap(
    (name) => [name, `${name}a`],
  ),
])
