/* Long doubles and subnormal numbers: what UltraSPARC I and II leave to the kernel. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static volatile long double third = 1.0L / 3, seven = 7.25L;
static volatile double tiny = DBL_MIN;
static volatile float tiny_float = FLT_MIN;

static void show(long double value)
{
	unsigned char bytes[sizeof value];
	memcpy(bytes, &value, sizeof bytes);
	for (unsigned n = 0; n < sizeof bytes; n++)
		printf("%02x", bytes[n]);
	putchar('\n');
}

static void quads(void)
{
	show(third + seven);
	show(third - seven);
	show(third * seven);
	show(third / seven);
	show(-third);
	show((long double)(int)(1000 * seven));
	show((long double)(long)(-1e12L * third));
	show((float)third);
	show((double)third);
	printf("%d %ld\n", (int)(seven * 100), (long)(seven * -1e15L));
	printf("%d%d%d%d\n", third < seven, third == seven, third >= seven, third != third);
	long double sum = 0;
	for (int n = 1; n <= 100; n++)
		sum = sum * third + seven / n;
	show(sum);
	printf("%.30Lg\n", sum);
}

static void subnormals(void)
{
	double d = tiny;
	for (int n = 0; n < 56; n++, d /= 2)
		printf("%a ", d);
	float f = tiny_float;
	for (int n = 0; n < 26; n++, f *= 0.5f)
		printf("%a ", f);
	double s = 0;
	for (int n = 1; n < 300; n++) {
		s += tiny / n;
		s -= tiny / (n + 1) * 0.75;
		s = sqrt(s * s + tiny * tiny) * 0.5 + s * 0.375;
	}
	printf("\n%a %a %a\n", s, (double)(float)(s * 0x1p900), (double)((float)tiny_float / 3));
}

int main(void)
{
	quads();
	subnormals();
	return 0;
}
