// What is written beside a matrix for ELPA: a C program that solves it on any number of MPI ranks, and how it is built and run.
import { names, type About } from './documents'

/** Rows and columns of a block of the block-cyclic layout. */
const blockSize = 32

/**
 * ELPA 2022.11 and later (its C interface of API 20221109), MPI 3. ELPA returns all eigenvalues and the vectors of the smallest `nev`; solving −A too gives the largest
 * at two reductions (8/3 n³ flops), where all vectors of one would take 16/3 n³ (Marek et al. 2014, two-stage solver).
 */
export function driverText({ n, vectors }: Pick<About, 'n' | 'vectors'>): string {
  return String.raw`// All eigenvalues of ${names.matrix}, its VECTORS smallest and VECTORS largest eigenpairs, by ELPA's two-stage solver on any number of MPI ranks.
// A rank holds a block-cyclic part of the matrix, which MPI-IO reads. ELPA gives the vectors of the smallest eigenvalues: those of -A are the largest of A.
#include <elpa/elpa.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#define N ${n}
#define VECTORS ${vectors}
#define BLOCK ${blockSize}
#define TRY(call) do { if ((call) != 0) { fprintf(stderr, "driver.c:%d: failed: %s\n", __LINE__, #call); MPI_Abort(MPI_COMM_WORLD, 1); } } while (0)
static int ranks, rank, grid[2], place[2];

/* Of the first "count" rows (dimension 0) or columns (1): how many process p of the grid holds. */
static long held(long count, int dimension, int p) {
  long blocks = count / BLOCK, rest = blocks % grid[dimension];
  return blocks / grid[dimension] * BLOCK + (p < rest ? BLOCK : p == rest ? count % BLOCK : 0);
}
/* Moves this rank's part of a column-major N x columns array between memory and the file, some columns at a time. */
static void move(const char *name, int columns, MPI_Offset start, double *part, int writing) {
  int sizes[2] = {N, columns}, cyclic[2] = {MPI_DISTRIBUTE_CYCLIC, MPI_DISTRIBUTE_CYCLIC}, blocks[2] = {BLOCK, BLOCK};
  long rows = held(N, 0, place[0]), mine = held(columns, 1, place[1]), most = held(columns, 1, 0);
  MPI_Datatype view, column;
  MPI_File file;
  TRY(MPI_Type_create_darray(ranks, rank, 2, sizes, cyclic, blocks, grid, MPI_ORDER_FORTRAN, MPI_DOUBLE, &view));
  TRY(MPI_Type_contiguous(rows, MPI_DOUBLE, &column) || MPI_Type_commit(&view) || MPI_Type_commit(&column));
  TRY(MPI_File_open(MPI_COMM_WORLD, name, writing ? MPI_MODE_CREATE | MPI_MODE_WRONLY : MPI_MODE_RDONLY, MPI_INFO_NULL, &file));
  TRY(MPI_File_set_view(file, start, MPI_DOUBLE, view, "native", MPI_INFO_NULL));
  for (long at = 0; at < most; at += 256) {
    int count = at >= mine ? 0 : mine - at < 256 ? mine - at : 256;
    double *from = part + (count > 0 ? at * rows : 0);
    TRY(writing ? MPI_File_write_all(file, from, count, column, MPI_STATUS_IGNORE) : MPI_File_read_all(file, from, count, column, MPI_STATUS_IGNORE));
  }
  TRY(MPI_File_close(&file) || MPI_Type_free(&view) || MPI_Type_free(&column));
}
int main(int argc, char **argv) {
  double read = 0, solve = 0, gap = 0;
  int error;
  TRY(MPI_Init(&argc, &argv) || MPI_Comm_size(MPI_COMM_WORLD, &ranks) || MPI_Comm_rank(MPI_COMM_WORLD, &rank) || MPI_Dims_create(ranks, 2, grid));
  place[0] = rank / grid[1], place[1] = rank % grid[1];
  long rows = held(N, 0, place[0]), columns = held(N, 1, place[1]), entries = rows * columns;
  TRY(entries == 0); /* fewer ranks */
  double *a = malloc(8 * entries), *q = malloc(8 * entries), *values[2] = {malloc(8L * N), malloc(8L * N)};
  TRY(!a || !q || !values[0] || !values[1] || elpa_init(20221109) != ELPA_OK);
  for (int negated = 0; negated < 2; negated++) {
    double began = MPI_Wtime();
    move("${names.matrix}", N, 0, a, 0);
    for (long k = 0; negated && k < entries; k++) a[k] = -a[k];
    read += MPI_Wtime() - began, began = MPI_Wtime();
    elpa_t elpa = elpa_allocate(&error);
    struct { const char *name; int value; } set[] = {{"na", N}, {"nev", VECTORS}, {"local_nrows", rows}, {"local_ncols", columns}, {"nblk", BLOCK},
      {"mpi_comm_parent", MPI_Comm_c2f(MPI_COMM_WORLD)}, {"process_row", place[0]}, {"process_col", place[1]}};
    for (int k = 0; k < 8; k++) { elpa_set(elpa, set[k].name, set[k].value, &error); TRY(error != ELPA_OK); }
    TRY(elpa_setup(elpa) != ELPA_OK);
    elpa_set(elpa, "solver", ELPA_SOLVER_2STAGE, &error);
    TRY(error != ELPA_OK);
    elpa_eigenvectors(elpa, a, values[negated], q, &error);
    TRY(error != ELPA_OK);
    elpa_deallocate(elpa, &error);
    solve += MPI_Wtime() - began;
    move("${names.eigenvectors}", VECTORS, 8L * N * VECTORS * negated, q, 1);
  }
  for (long k = 0; k < N; k++) { double sum = values[0][k] + values[1][N - 1 - k]; gap = sum > gap ? sum : -sum > gap ? -sum : gap; }
  if (rank == 0) {
    FILE *file = fopen("${names.eigenvalues}", "wb");
    TRY(!file || fwrite(values[0], 8, N, file) != N || fclose(file));
    TRY(!(file = fopen("${names.result}", "w")));
    TRY(fprintf(file, "{\"library\": \"ELPA\", \"version\": \"%d\", \"ranks\": %d, \"n\": %d, \"vectors\": %d, \"gap\": %.3g, \"seconds\": {\"read\": %.3f, \"solve\": %.3f}}\n",
      ELPA_API_VERSION, ranks, N, VECTORS, gap, read, solve) < 0 || fclose(file));
  }
  elpa_uninit(&error);
  return MPI_Finalize();
}
`
}

export function readmeText(about: About): string {
  const { n, vectors, run, step, block, meaning, order } = about
  return `${meaning}

${names.matrix}  ${n} x ${n}, ${order}
${names.about}  what it is, with its SHA-256, trace and norm
${names.driver}  solves it with ELPA on any number of MPI ranks

Needs MPI, a C compiler and ELPA 2022.11 or later (Debian: apt-get install libelpa-dev libopenmpi-dev). In this folder:

  mpicc -O2 driver.c -o driver $(pkg-config --cflags elpa) -lelpa
  OPENBLAS_NUM_THREADS=1 mpirun -np RANKS ./driver

One rank a core. Each rank holds its part of the matrix and of the vectors, 16 * n^2 / RANKS bytes, beside ELPA's work space. As root OpenMPI also wants
--allow-run-as-root, and --oversubscribe where it counts fewer cores than RANKS. The driver writes:

${names.eigenvalues}  all ${n}, ascending, float64
${names.eigenvectors}  column-major ${n} x ${2 * vectors}, float64: vectors of the ${vectors} smallest eigenvalues, ascending, then of the ${vectors} largest, descending
${names.result}  library, version, ranks, seconds; the largest gap between the eigenvalues of A and those of -A, solved apart

Then, where the run lies:

  saddlescope import .

checks all of it against ${names.matrix} and makes it the spectrum of ${run}:${step}/${block}.
`
}
