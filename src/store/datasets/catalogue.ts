// The known public datasets: where they officially are, what they weigh, their published checksums, licences, counts and class names.

export interface RemoteFile {
  readonly url: string
  readonly name: string
  readonly bytes: number
  /** As published by the set's authors. */
  readonly md5: string
}

export interface KnownDataset {
  readonly id: 'cifar-100' | 'cifar-10' | 'mnist' | 'fashion-mnist'
  readonly title: string
  readonly source: string
  readonly licence: string
  readonly counts: { readonly train: number; readonly test: number }
  readonly shape: readonly [channels: number, height: number, width: number]
  readonly classes: number
  readonly files: readonly RemoteFile[]
  /** MD5 of the unpacked files, by base name. */
  readonly contents: Readonly<Record<string, string>>
  /** Class names where the files do not bring them. */
  readonly names: readonly string[] | null
}

const cifarSource = 'https://www.cs.toronto.edu/~kriz/cifar.html (Alex Krizhevsky 2009)'
const cifarLicence = 'no formal licence; cite Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images"'
const mnistAddress = 'https://ossci-datasets.s3.amazonaws.com/mnist/'
const fashionAddress = 'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/'

const idxFiles = (address: string, files: readonly (readonly [string, number, string])[]): RemoteFile[] =>
  files.map(([name, bytes, md5]) => ({ url: `${address}${name}`, name, bytes, md5 }))

export const knownDatasets: readonly KnownDataset[] = [
  {
    id: 'cifar-100',
    title: 'CIFAR-100',
    source: cifarSource,
    licence: cifarLicence,
    counts: { train: 50_000, test: 10_000 },
    shape: [3, 32, 32],
    classes: 100,
    files: [
      {
        url: 'https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz',
        name: 'cifar-100-python.tar.gz',
        bytes: 169_001_437,
        md5: 'eb9058c3a382ffc7106e4002c42a8d85'
      }
    ],
    contents: {
      train: '16019d7e3df5f24257cddd939b257f8d',
      test: 'f0ef6b0ae62326f3e7ffdfab6717acfc',
      meta: '7973b15100ade9c7d40fb424638fde48'
    },
    names: null
  },
  {
    id: 'cifar-10',
    title: 'CIFAR-10',
    source: cifarSource,
    licence: cifarLicence,
    counts: { train: 50_000, test: 10_000 },
    shape: [3, 32, 32],
    classes: 10,
    files: [
      {
        url: 'https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz',
        name: 'cifar-10-python.tar.gz',
        bytes: 170_498_071,
        md5: 'c58f30108f718f92721af3b95e74349a'
      }
    ],
    contents: {
      data_batch_1: 'c99cafc152244af753f735de768cd75f',
      data_batch_2: 'd4bba439e000b95fd0a9bffe97cbabec',
      data_batch_3: '54ebc095f3ab1f0389bbae665268c751',
      data_batch_4: '634d18415352ddfa80567beed471001a',
      data_batch_5: '482c414d41f54cd18b22e5b47cb7c3cb',
      test_batch: '40351d587109b95175f43aff81a1287e',
      'batches.meta': '5ff9c542aee3614f3951f8cda6e48888'
    },
    names: null
  },
  {
    id: 'mnist',
    title: 'MNIST',
    source: 'http://yann.lecun.com/exdb/mnist/ (LeCun, Cortes, Burges), mirrored by the PyTorch project',
    licence: 'CC BY-SA 3.0',
    counts: { train: 60_000, test: 10_000 },
    shape: [1, 28, 28],
    classes: 10,
    files: idxFiles(mnistAddress, [
      ['train-images-idx3-ubyte.gz', 9_912_422, 'f68b3c2dcbeaaa9fbdd348bbdeb94873'],
      ['train-labels-idx1-ubyte.gz', 28_881, 'd53e105ee54ea40749a09fcbcd1e9432'],
      ['t10k-images-idx3-ubyte.gz', 1_648_877, '9fb629c4189551a2d022fa330f9573f3'],
      ['t10k-labels-idx1-ubyte.gz', 4_542, 'ec29112dd5afa0611ce80d1b7f02629c']
    ]),
    contents: {
      'train-images-idx3-ubyte': '6bbc9ace898e44ae57da46a324031adb',
      'train-labels-idx1-ubyte': 'a25bea736e30d166cdddb491f175f624',
      't10k-images-idx3-ubyte': '2646ac647ad5339dbf082846283269ea',
      't10k-labels-idx1-ubyte': '27ae3e4e09519cfbb04c329615203637'
    },
    names: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']
  },
  {
    id: 'fashion-mnist',
    title: 'Fashion-MNIST',
    source: 'https://github.com/zalandoresearch/fashion-mnist (Xiao, Rasul, Vollgraf 2017)',
    licence: 'MIT',
    counts: { train: 60_000, test: 10_000 },
    shape: [1, 28, 28],
    classes: 10,
    files: idxFiles(fashionAddress, [
      ['train-images-idx3-ubyte.gz', 26_421_880, '8d4fb7e6c68d591d4c3dfef9ec88bf0d'],
      ['train-labels-idx1-ubyte.gz', 29_515, '25c81989df183df01b3e8a0aad5dffbe'],
      ['t10k-images-idx3-ubyte.gz', 4_422_102, 'bef4ecab320f06d8554ea6380940ec79'],
      ['t10k-labels-idx1-ubyte.gz', 5_148, 'bb300cfdad3c16e7a12a480ee83cd310']
    ]),
    contents: {
      'train-images-idx3-ubyte': 'f4a8712d7a061bf5bd6d2ca38dc4d50a',
      'train-labels-idx1-ubyte': '9018921c3c673c538a1fc5bad174d6f9',
      't10k-images-idx3-ubyte': '8181f5470baa50b63fa0f6fddb340f0a',
      't10k-labels-idx1-ubyte': '15d484375f8d13e6eb1aabb0c3f46965'
    },
    names: ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot']
  }
]
