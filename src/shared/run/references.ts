// The works that a methods paragraph cites.

export interface Reference {
  /** In the text: "Dauphin et al. 2014". */
  readonly cited: string
  readonly full: string
}

export const references = {
  birgin2017: {
    cited: 'Birgin et al. 2017',
    full: 'E. G. Birgin, J. L. Gardenghi, J. M. Martínez, S. A. Santos, Ph. L. Toint. Worst-case evaluation complexity for unconstrained nonlinear optimization using high-order regularized models. Mathematical Programming 163, 2017.'
  },
  blackman2021: {
    cited: 'Blackman and Vigna 2021',
    full: 'D. Blackman, S. Vigna. Scrambled linear pseudorandom number generators. ACM Transactions on Mathematical Software 47(4), 2021.'
  },
  cartis2025: {
    cited: 'Cartis et al. 2025',
    full: 'C. Cartis, R. Hauser, Y. Liu, K. Welzel, W. Zhu. Efficient implementation of third-order tensor methods with adaptive regularization for unconstrained optimization. arXiv:2501.00404, 2025.'
  },
  dauphin2014: {
    cited: 'Dauphin et al. 2014',
    full: 'Y. N. Dauphin, R. Pascanu, C. Gulcehre, K. Cho, S. Ganguli, Y. Bengio. Identifying and attacking the saddle point problem in high-dimensional non-convex optimization. Advances in Neural Information Processing Systems 27, 2014.'
  },
  davidenko1953: {
    cited: 'Davidenko 1953',
    full: 'D. F. Davidenko. On a new method of numerical solution of systems of nonlinear equations. Doklady Akademii Nauk SSSR 88, 1953.'
  },
  defazio2024: {
    cited: 'Defazio et al. 2024',
    full: 'A. Defazio, X. Yang, H. Mehta, K. Mishchenko, A. Khaled, A. Cutkosky. The road less scheduled. Advances in Neural Information Processing Systems 37, 2024.'
  },
  graves2013: { cited: 'Graves 2013', full: 'A. Graves. Generating sequences with recurrent neural networks. arXiv:1308.0850, 2013.' },
  griewank2008: {
    cited: 'Griewank and Walther 2008',
    full: 'A. Griewank, A. Walther. Evaluating derivatives: principles and techniques of algorithmic differentiation. Second edition, SIAM, 2008.'
  },
  gupta2018: {
    cited: 'Gupta et al. 2018',
    full: 'V. Gupta, T. Koren, Y. Singer. Shampoo: preconditioned stochastic tensor optimization. International Conference on Machine Learning, 2018.'
  },
  jordan2024: {
    cited: 'Jordan et al. 2024',
    full: 'K. Jordan, Y. Jin, V. Boza, J. You, F. Cesista, L. Newhouse, J. Bernstein. Muon: an optimizer for hidden layers in neural networks. 2024.'
  },
  kingma2015: {
    cited: 'Kingma and Ba 2015',
    full: 'D. P. Kingma, J. Ba. Adam: a method for stochastic optimization. International Conference on Learning Representations, 2015.'
  },
  krizhevsky2009: {
    cited: 'Krizhevsky 2009',
    full: 'A. Krizhevsky. Learning multiple layers of features from tiny images. Technical report, University of Toronto, 2009.'
  },
  lanczos1950: {
    cited: 'Lanczos 1950',
    full: 'C. Lanczos. An iteration method for the solution of the eigenvalue problem of linear differential and integral operators. Journal of Research of the National Bureau of Standards 45(4), 1950.'
  },
  lecun1998: {
    cited: 'LeCun et al. 1998',
    full: 'Y. LeCun, L. Bottou, Y. Bengio, P. Haffner. Gradient-based learning applied to document recognition. Proceedings of the IEEE 86(11), 1998.'
  },
  lee2019: { cited: 'Lee 2019', full: 'Lee. Two strange useless things to do with neural nets. 2019.' },
  levenberg1944: {
    cited: 'Levenberg 1944',
    full: 'K. Levenberg. A method for the solution of certain non-linear problems in least squares. Quarterly of Applied Mathematics 2(2), 1944.'
  },
  liu1989: {
    cited: 'Liu and Nocedal 1989',
    full: 'D. C. Liu, J. Nocedal. On the limited memory BFGS method for large scale optimization. Mathematical Programming 45, 1989.'
  },
  loshchilov2019: {
    cited: 'Loshchilov and Hutter 2019',
    full: 'I. Loshchilov, F. Hutter. Decoupled weight decay regularization. International Conference on Learning Representations, 2019.'
  },
  marquardt1963: {
    cited: 'Marquardt 1963',
    full: 'D. W. Marquardt. An algorithm for least-squares estimation of nonlinear parameters. Journal of the Society for Industrial and Applied Mathematics 11(2), 1963.'
  },
  martens2015: {
    cited: 'Martens and Grosse 2015',
    full: 'J. Martens, R. Grosse. Optimizing neural networks with Kronecker-factored approximate curvature. International Conference on Machine Learning, 2015.'
  },
  nesterov1983: {
    cited: 'Nesterov 1983',
    full: 'Y. Nesterov. A method of solving a convex programming problem with convergence rate O(1/k²). Soviet Mathematics Doklady 27(2), 1983.'
  },
  paige1975: {
    cited: 'Paige and Saunders 1975',
    full: 'C. C. Paige, M. A. Saunders. Solution of sparse indefinite systems of linear equations. SIAM Journal on Numerical Analysis 12(4), 1975.'
  },
  pearlmutter1994: {
    cited: 'Pearlmutter 1994',
    full: 'B. A. Pearlmutter. Fast exact multiplication by the Hessian. Neural Computation 6(1), 1994.'
  },
  pineda1987: {
    cited: 'Pineda 1987',
    full: 'F. J. Pineda. Generalization of back-propagation to recurrent neural networks. Physical Review Letters 59(19), 1987.'
  },
  polyak1964: {
    cited: 'Polyak 1964',
    full: 'B. T. Polyak. Some methods of speeding up the convergence of iteration methods. USSR Computational Mathematics and Mathematical Physics 4(5), 1964.'
  },
  schraudolph2002: {
    cited: 'Schraudolph 2002',
    full: 'N. N. Schraudolph. Fast curvature matrix-vector products for second-order gradient descent. Neural Computation 14(7), 2002.'
  },
  tieleman2012: {
    cited: 'Tieleman and Hinton 2012',
    full: 'T. Tieleman, G. Hinton. Lecture 6.5: RMSProp. COURSERA: Neural Networks for Machine Learning, 2012.'
  },
  vyas2024: {
    cited: 'Vyas et al. 2024',
    full: 'N. Vyas, D. Morwani, R. Zhao, I. Shapira, D. Brandfonbrener, L. Janson, S. Kakade. SOAP: improving and stabilizing Shampoo using Adam. arXiv:2409.11321, 2024.'
  },
  wolfe1969: { cited: 'Wolfe 1969', full: 'P. Wolfe. Convergence conditions for ascent methods. SIAM Review 11(2), 1969.' },
  xiao2017: {
    cited: 'Xiao et al. 2017',
    full: 'H. Xiao, K. Rasul, R. Vollgraf. Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms. arXiv:1708.07747, 2017.'
  }
} as const satisfies Record<string, Reference>

export type ReferenceKey = keyof typeof references
