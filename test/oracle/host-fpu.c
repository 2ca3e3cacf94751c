/* Does float operations on the host's FPU. Each input line: operation, rounding mode as FSR.RD numbers it, operands in hexadecimal.
 * Each output line: result in hexadecimal, flags as FSR.cexc numbers them. The first line says how the host detects tininess. */
#include <fenv.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <math.h>

typedef unsigned __int128 u128;

extern _Float128 sqrtf128(_Float128);

#pragma STDC FENV_ACCESS ON

static const int modes[] = {FE_TONEAREST, FE_TOWARDZERO, FE_UPWARD, FE_DOWNWARD};

static u128 parse(const char *text)
{
	u128 value = 0;
	for (; *text; text++)
		value = value << 4 | (u128)(*text <= '9' ? *text - '0' : *text - 'a' + 10);
	return value;
}

static int flags(void)
{
	int raised = fetestexcept(FE_ALL_EXCEPT);
	return (raised & FE_INVALID ? 16 : 0) | (raised & FE_OVERFLOW ? 8 : 0) | (raised & FE_UNDERFLOW ? 4 : 0) |
	       (raised & FE_DIVBYZERO ? 2 : 0) | (raised & FE_INEXACT ? 1 : 0);
}

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LOW_BYTES(wide, narrow) ((char *)&(wide) + sizeof(wide) - sizeof(narrow))
#else
#define LOW_BYTES(wide, narrow) ((char *)&(wide))
#endif

#define OPERANDS(T)                                                                                                    \
	volatile T x, y, z;                                                                                            \
	T tx, ty;                                                                                                      \
	memcpy(&tx, LOW_BYTES(a, tx), sizeof tx);                                                                                    \
	memcpy(&ty, LOW_BYTES(b, ty), sizeof ty);                                                                                    \
	x = tx, y = ty;

#define RESULT(value)                                                                                                  \
	z = (value);                                                                                                   \
	memcpy(LOW_BYTES(r, z), (void *)&z, sizeof z);

#define ARITHMETIC(T, suffix)                                                                                          \
	if (!strcmp(op, "add" suffix)) { OPERANDS(T) RESULT(x + y) }                                                   \
	else if (!strcmp(op, "sub" suffix)) { OPERANDS(T) RESULT(x - y) }                                              \
	else if (!strcmp(op, "mul" suffix)) { OPERANDS(T) RESULT(x * y) }                                              \
	else if (!strcmp(op, "div" suffix)) { OPERANDS(T) RESULT(x / y) }                                              \
	else if (!strcmp(op, "cmp" suffix)) {                                                                          \
		OPERANDS(T)                                                                                            \
		(void)z;                                                                                               \
		r = __builtin_isunordered(x, y) ? 3 : __builtin_isless(x, y) ? 1 : __builtin_isgreater(x, y) ? 2 : 0;  \
	} else if (!strcmp(op, "cmpe" suffix)) {                                                                       \
		OPERANDS(T)                                                                                            \
		(void)z;                                                                                               \
		int less = x < y, greater = x > y;                                                                     \
		r = less ? 1 : greater ? 2 : __builtin_isunordered(x, y) ? 3 : 0;                                      \
	} else

#define CONVERT(name, from, to)                                                                                        \
	if (!strcmp(op, name)) {                                                                                       \
		volatile from x;                                                                                       \
		volatile to z;                                                                                         \
		from tx;                                                                                               \
		memcpy(&tx, LOW_BYTES(a, tx), sizeof tx);                                                                            \
		x = tx;                                                                                                \
		RESULT((to)x)                                                                                          \
	} else

static u128 operate(const char *op, u128 a, u128 b)
{
	u128 r = 0;
	ARITHMETIC(float, "s")
	ARITHMETIC(double, "d")
	ARITHMETIC(_Float128, "q")
	if (!strcmp(op, "sqrts")) { OPERANDS(float) (void)y; RESULT(sqrtf(x)) }
	else if (!strcmp(op, "sqrtd")) { OPERANDS(double) (void)y; RESULT(sqrt(x)) }
	else if (!strcmp(op, "sqrtq")) { OPERANDS(_Float128) (void)y; RESULT(sqrtf128(x)) }
	else
	CONVERT("stod", float, double)
	CONVERT("dtos", double, float)
	CONVERT("stoq", float, _Float128)
	CONVERT("dtoq", double, _Float128)
	CONVERT("qtos", _Float128, float)
	CONVERT("qtod", _Float128, double)
	CONVERT("stoi", float, int32_t)
	CONVERT("dtoi", double, int32_t)
	CONVERT("stox", float, int64_t)
	CONVERT("dtox", double, int64_t)
	CONVERT("itos", int32_t, float)
	CONVERT("itod", int32_t, double)
	CONVERT("xtos", int64_t, float)
	CONVERT("xtod", int64_t, double)
	CONVERT("qtoi", _Float128, int32_t)
	CONVERT("qtox", _Float128, int64_t)
	CONVERT("itoq", int32_t, _Float128)
	CONVERT("xtoq", int64_t, _Float128)
	if (!strcmp(op, "smuld")) {
		float tx, ty;
		memcpy(&tx, LOW_BYTES(a, tx), sizeof tx);
		memcpy(&ty, LOW_BYTES(b, ty), sizeof ty);
		volatile float x = tx, y = ty;
		volatile double z;
		RESULT((double)x * (double)y)
	} else {
		fprintf(stderr, "unknown operation %s\n", op);
	}
	return r;
}

int main(void)
{
	volatile float x = 0x1.000002p-126f, y = 0x1.fffffcp-1f, z;
	feclearexcept(FE_ALL_EXCEPT);
	z = x * y;
	(void)z;
	puts(fetestexcept(FE_UNDERFLOW) ? "before" : "after");
	char op[16], left[40], right[40];
	int mode;
	while (scanf("%15s %d %39s %39s", op, &mode, left, right) == 4) {
		u128 a = parse(left), b = parse(right);
		fesetround(modes[mode]);
		feclearexcept(FE_ALL_EXCEPT);
		u128 r = operate(op, a, b);
		int raised = flags();
		fesetround(FE_TONEAREST);
		printf("%016" PRIx64 "%016" PRIx64 " %d\n", (uint64_t)(r >> 64), (uint64_t)r, raised);
	}
	return 0;
}
