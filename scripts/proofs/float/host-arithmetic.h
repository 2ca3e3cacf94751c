/* The host's FPU, and libgcc for quads. Tininess is looked for after rounding there and before it on UltraSPARC (UltraSPARC-I
 * 14.3.2): where the two could differ, the same operation rounded toward zero decides. */
#include <math.h>

#pragma STDC FENV_ACCESS ON

extern _Float128 sqrtf128(_Float128);
extern _Float128 fmaf128(_Float128, _Float128, _Float128);

static const int HOST_MODES[] = {FE_TONEAREST, FE_TOWARDZERO, FE_UPWARD, FE_DOWNWARD};

static int host_can(const Operation *op)
{
	return op->kind != HADD && op->kind != HSUB && op->kind != NHADD;
}

static int host_flags(void)
{
	int raised = fetestexcept(FE_ALL_EXCEPT);
	return (raised & FE_INVALID ? NV : 0) | (raised & FE_OVERFLOW ? OF : 0) | (raised & FE_UNDERFLOW ? UF : 0) |
	       (raised & FE_DIVBYZERO ? DZ : 0) | (raised & FE_INEXACT ? NX : 0);
}

#define LOAD(T, name, n)          \
	T name##_bits;            \
	memcpy(&name##_bits, &x[n], sizeof name##_bits); \
	volatile T name = name##_bits;

#define STORE(T, value)                                \
	{                                              \
		volatile T result = (value);           \
		T plain = result;                      \
		memcpy(&bits, &plain, sizeof plain);   \
		break;                                 \
	}

#define RELATION_QUIET(a, b) (isunordered(a, b) ? 3 : isless(a, b) ? 1 : isgreater(a, b) ? 2 : 0)
#define RELATION_SIGNALING(less, greater, a, b) ((less) ? 1 : (greater) ? 2 : isunordered(a, b) ? 3 : 0)

/* Negated after rounding; the sign of a zero sum stays. */
#define NEGATED_SUM(T, a, b) T sum = (a) + (b); volatile T keep = sum == 0 ? sum : -sum;

#define NEGATED_FUSED(T, FMA, third)                                              \
	{                                                                         \
		LOAD(T, a, 0) LOAD(T, b, 1) LOAD(T, c, 2)                         \
		T turned = -a_bits;                                               \
		volatile T minus_a = turned;                                      \
		T value = FMA(minus_a, b, -(third));                              \
		if (value == 0 && !fetestexcept(FE_INEXACT)) value = -FMA(a, b, third); \
		STORE(T, value)                                                   \
	}

#define ARITHMETIC(T, SQRT_OF, FMA)                                                         \
	switch (op->kind) {                                                                 \
	case ADD: { LOAD(T, a, 0) LOAD(T, b, 1) STORE(T, a + b) }                           \
	case SUB: { LOAD(T, a, 0) LOAD(T, b, 1) STORE(T, a - b) }                           \
	case MUL: { LOAD(T, a, 0) LOAD(T, b, 1) STORE(T, a * b) }                           \
	case DIV: { LOAD(T, a, 0) LOAD(T, b, 1) STORE(T, a / b) }                           \
	case SQRT: { LOAD(T, a, 0) STORE(T, SQRT_OF(a)) }                                   \
	case CMP: { LOAD(T, a, 0) LOAD(T, b, 1) bits = RELATION_QUIET(a, b); break; }       \
	case CMPE: {                                                                        \
		LOAD(T, a, 0) LOAD(T, b, 1)                                                 \
		volatile int less = a < b, greater = a > b;                                 \
		bits = RELATION_SIGNALING(less, greater, a, b);                             \
		break;                                                                      \
	}                                                                                   \
	case TO_I: { LOAD(T, a, 0) STORE(int32_t, (int32_t)a) }                             \
	case TO_X: { LOAD(T, a, 0) STORE(int64_t, (int64_t)a) }                             \
	case NADD: { LOAD(T, a, 0) LOAD(T, b, 1) NEGATED_SUM(T, a, b) STORE(T, keep) }      \
	case NMUL: { LOAD(T, a, 0) LOAD(T, b, 1) volatile T product = a * b; STORE(T, -product) } \
	case MADD: { LOAD(T, a, 0) LOAD(T, b, 1) LOAD(T, c, 2) STORE(T, FMA(a, b, c)) }     \
	case MSUB: { LOAD(T, a, 0) LOAD(T, b, 1) LOAD(T, c, 2) STORE(T, FMA(a, b, -c)) }    \
	case NMADD: NEGATED_FUSED(T, FMA, c)                                                \
	case NMSUB: NEGATED_FUSED(T, FMA, -c)                                               \
	default: break;                                                                     \
	}

#define CONVERTED(FROM, TO) { LOAD(FROM, a, 0) STORE(TO, (TO)a) }

static u128 host_bits(const Operation *op, const u128 *x)
{
	u128 bits = 0;
	int shape = (op->from == NONE ? 4 : op->from) * 8 + op->to;
	if (op->kind == FROM_I || op->kind == FROM_X || op->kind == CONVERT) {
		switch (shape) {
		case S * 8 + D: CONVERTED(float, double)
		case D * 8 + S: CONVERTED(double, float)
		case S * 8 + Q: CONVERTED(float, _Float128)
		case D * 8 + Q: CONVERTED(double, _Float128)
		case Q * 8 + S: CONVERTED(_Float128, float)
		case Q * 8 + D: CONVERTED(_Float128, double)
		case 32 + S: if (op->kind == FROM_I) CONVERTED(int32_t, float) else CONVERTED(int64_t, float)
		case 32 + D: if (op->kind == FROM_I) CONVERTED(int32_t, double) else CONVERTED(int64_t, double)
		case 32 + Q: if (op->kind == FROM_I) CONVERTED(int32_t, _Float128) else CONVERTED(int64_t, _Float128)
		}
	} else if (op->kind == MUL_WIDEN || op->kind == NMUL_WIDEN) {
		do {
			if (op->from == S) { LOAD(float, a, 0) LOAD(float, b, 1) volatile double p = (double)a * (double)b; STORE(double, op->kind == MUL_WIDEN ? p : -p) }
			else { LOAD(double, a, 0) LOAD(double, b, 1) STORE(_Float128, (_Float128)a * (_Float128)b) }
		} while (0);
	} else if (op->from == S) {
		ARITHMETIC(float, sqrtf, fmaf)
	} else if (op->from == D) {
		ARITHMETIC(double, sqrt, fma)
	} else {
		ARITHMETIC(_Float128, sqrtf128, fmaf128)
	}
	return bits;
}

static Outcome host_in_mode(const Operation *op, int mode, const u128 *x)
{
	fesetround(HOST_MODES[mode]);
	feclearexcept(FE_ALL_EXCEPT);
	u128 bits = host_bits(op, x);
	int flags = host_flags();
	fesetround(FE_TONEAREST);
	return (Outcome){bits, flags};
}

static Outcome host_compute(const Operation *op, int mode, const u128 *x)
{
	Outcome outcome = host_in_mode(op, mode, x);
	if (op->kind == CMP || op->kind == CMPE) return outcome;
	if (op->kind == TO_I || op->kind == TO_X) {
		if (outcome.flags & NV)
			return (Outcome){integer_out_of_range(op->kind == TO_I ? 32 : 64, !!(x[0] & sign_of(&FORMATS[op->from]))), NV};
		return outcome;
	}
	const Format *to = &FORMATS[op->to];
	if (is_nan(to, outcome.bits)) return (Outcome){default_nan(to), outcome.flags};
	u128 least = (u128)1 << to->fraction_bits, size = magnitude(to, outcome.bits);
	if (size < least && size) outcome.flags |= TINY;
	if (outcome.flags & UF) outcome.flags |= TINY;
	if (size == least && outcome.flags & NX) {
		outcome.flags &= ~(UF | TINY);
		if (magnitude(to, host_in_mode(op, 1, x).bits) < least) outcome.flags |= UF | TINY;
	}
	return outcome;
}
