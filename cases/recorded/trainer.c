/* A small network in plain C, its backward by hand, and what gradient-check needs of it: before the
 * first update it writes its tensors and its gradients as .npy files into the current folder.
 *
 *     cc -O2 trainer.c -lm -o trainer && ./trainer && gradient-check trainer.json
 *
 * To wire a trainer of your own: write each tensor as write_npy does, name the files in a case, and
 * write the loss once more as a PyTorch program (`forward` in trainer.json). No backward of it is
 * needed: gradient-check holds your gradients against autograd and finite differences of that.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N = 16, D = 3, H = 5 };

static float X[N][D], y[N], w1[D][H], b1[H], w2[H];
static float d_w1[D][H], d_b1[H], d_w2[H];

/* The .npy format, version 1.0: a magic word, a Python dictionary padded to 64 bytes, the numbers. */
static void write_npy(const char* path, const float* data, int rows, int columns) {
  char header[128], shape[32];
  size_t count = (size_t)rows * (columns ? (size_t)columns : 1);
  if (columns)
    snprintf(shape, sizeof shape, "(%d, %d)", rows, columns);
  else
    snprintf(shape, sizeof shape, "(%d,)", rows);
  int length = snprintf(header, sizeof header,
                        "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }", shape);
  while ((10 + length + 1) % 64) header[length++] = ' ';
  header[length++] = '\n';
  FILE* file = fopen(path, "wb");
  if (!file) {
    perror(path);
    exit(1);
  }
  fwrite("\x93NUMPY\x01\x00", 1, 8, file);
  fputc(length & 0xff, file);
  fputc(length >> 8, file);
  fwrite(header, 1, (size_t)length, file);
  fwrite(data, sizeof(float), count, file);
  fclose(file);
}

static float uniform(void) { return 2.0f * (float)rand() / (float)RAND_MAX - 1.0f; }

/* Mean of log(1 + exp(-y p)) over the batch, y = ±1, p = tanh(X w1 + b1) w2; and its gradients. */
static float step(void) {
  float loss = 0;
  memset(d_w1, 0, sizeof d_w1);
  memset(d_b1, 0, sizeof d_b1);
  memset(d_w2, 0, sizeof d_w2);
  for (int n = 0; n < N; ++n) {
    float a[H], p = 0;
    for (int h = 0; h < H; ++h) {
      float l = b1[h];
      for (int d = 0; d < D; ++d) l += X[n][d] * w1[d][h];
      a[h] = tanhf(l);
      p += a[h] * w2[h];
    }
    loss += log1pf(expf(-y[n] * p)) / N;
    float d_p = -y[n] / (1 + expf(y[n] * p)) / N;
    for (int h = 0; h < H; ++h) {
      float d_l = d_p * w2[h] * (1 - a[h] * a[h]);
      d_w2[h] += d_p * a[h];
      d_b1[h] += d_l;
      for (int d = 0; d < D; ++d) d_w1[d][h] += X[n][d] * d_l;
    }
  }
  return loss;
}

int main(void) {
  srand(7);
  for (int n = 0; n < N; ++n) {
    for (int d = 0; d < D; ++d) X[n][d] = uniform();
    y[n] = X[n][0] * X[n][1] > 0 ? 1.0f : -1.0f;
  }
  for (int h = 0; h < H; ++h) {
    for (int d = 0; d < D; ++d) w1[d][h] = uniform();
    b1[h] = 0.1f * uniform();
    w2[h] = uniform();
  }
  float loss = step();
  write_npy("X.npy", &X[0][0], N, D);
  write_npy("y.npy", y, N, 0);
  write_npy("w1.npy", &w1[0][0], D, H);
  write_npy("b1.npy", b1, H, 0);
  write_npy("w2.npy", w2, H, 0);
  write_npy("d_w1.npy", &d_w1[0][0], D, H);
  write_npy("d_b1.npy", d_b1, H, 0);
  write_npy("d_w2.npy", d_w2, H, 0);
  printf("before the first update: loss %.6f\n", loss);
  for (int epoch = 0; epoch < 2000; ++epoch) {
    for (int h = 0; h < H; ++h) {
      for (int d = 0; d < D; ++d) w1[d][h] -= 0.5f * d_w1[d][h];
      b1[h] -= 0.5f * d_b1[h];
      w2[h] -= 0.5f * d_w2[h];
    }
    loss = step();
  }
  printf("after 2000 updates:      loss %.6f\n", loss);
  return 0;
}
