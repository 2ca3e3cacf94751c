/* MPFR: the result is rounded with an unbounded exponent, then taken into the format's range; the same rounded toward zero tells
 * whether it was tiny before rounding (V9 B.3, B.4). */
#include <gmp.h>
#include <mpfr.h>

static mpfr_t mpfr_operands[3], mpfr_result;
static mpz_t mpfr_integer;

static void prepare_mpfr(void)
{
	mpfr_set_emin(-1000000), mpfr_set_emax(1000000);
	for (int i = 0; i < 3; i++) mpfr_init2(mpfr_operands[i], 128);
	mpfr_init2(mpfr_result, 113);
	mpz_init(mpfr_integer);
}

static void to_mpfr(mpfr_t value, const Format *f, u128 x)
{
	int negative = !!(x & sign_of(f)), biased = (int)(magnitude(f, x) >> f->fraction_bits);
	u128 fraction = x & ones(f->fraction_bits);
	if (biased == f->top) {
		mpfr_set_inf(value, negative ? -1 : 1);
	} else {
		u128 significand = biased ? fraction | (u128)1 << f->fraction_bits : fraction;
		mpz_import(mpfr_integer, 2, -1, 8, 0, 0, &significand);
		mpfr_set_z_2exp(value, mpfr_integer, (biased ? biased : 1) - f->bias - f->fraction_bits, MPFR_RNDN);
		mpfr_setsign(value, value, negative, MPFR_RNDN);
	}
}

static u128 from_mpfr(const mpfr_t value, const Format *f)
{
	u128 sign = mpfr_signbit(value) ? sign_of(f) : 0;
	if (mpfr_inf_p(value)) return sign | infinity_of(f);
	if (mpfr_zero_p(value)) return sign;
	int leading = (int)mpfr_get_exp(value) - 1, least = 1 - f->bias;
	int last = (leading < least ? least : leading) - f->fraction_bits;
	int exponent = (int)mpfr_get_z_2exp(mpfr_integer, value);
	mpz_abs(mpfr_integer, mpfr_integer);
	if (exponent >= last) mpz_mul_2exp(mpfr_integer, mpfr_integer, exponent - last);
	else mpz_tdiv_q_2exp(mpfr_integer, mpfr_integer, last - exponent);
	u128 significand = 0;
	mpz_export(&significand, 0, -1, 8, 0, 0, mpfr_integer);
	return sign | (((u128)(last + f->fraction_bits + f->bias - 1) << f->fraction_bits) + significand);
}

static int mpfr_halved(int ternary)
{
	mpfr_div_2ui(mpfr_result, mpfr_result, 1, MPFR_RNDN);
	return ternary;
}

/* Whether a sum is turned after it is computed, which gives an exact zero the other sign. */
static int mpfr_with_zero_turned(int turned, int ternary)
{
	if (turned && mpfr_zero_p(mpfr_result)) mpfr_neg(mpfr_result, mpfr_result, MPFR_RNDN);
	return ternary;
}

static int opposite(mpfr_rnd_t *mode)
{
	if (*mode == MPFR_RNDU) *mode = MPFR_RNDD;
	else if (*mode == MPFR_RNDD) *mode = MPFR_RNDU;
	return 0;
}

/* The negation of a value that was rounded the other way. */
static int mpfr_negated(int ternary)
{
	mpfr_neg(mpfr_result, mpfr_result, MPFR_RNDN);
	return -ternary;
}

/* Into mpfr_result, with its precision and an unbounded exponent; the ternary value. */
static int mpfr_rounded(Kind kind, mpfr_rnd_t mode, mpfr_rnd_t other)
{
	mpfr_ptr r = mpfr_result, a = mpfr_operands[0], b = mpfr_operands[1], c = mpfr_operands[2];
	switch (kind) {
	case ADD: return mpfr_add(r, a, b, mode);
	case SUB: return mpfr_sub(r, a, b, mode);
	case MUL: case MUL_WIDEN: return mpfr_mul(r, a, b, mode);
	case DIV: return mpfr_div(r, a, b, mode);
	case SQRT: return mpfr_sqrt(r, a, mode);
	case FROM_I: case FROM_X: case CONVERT: return mpfr_set(r, a, mode);
	case MADD: return mpfr_fma(r, a, b, c, mode);
	case MSUB: return mpfr_fms(r, a, b, c, mode);
	case HADD: return mpfr_halved(mpfr_add(r, a, b, mode));
	case HSUB: return mpfr_halved(mpfr_sub(r, a, b, mode));
	/* The zero of a sum has the sign that the mode itself gives it, turned. */
	case NMADD: {
		int ternary = mpfr_negated(mpfr_fma(r, a, b, c, other));
		return mpfr_zero_p(r) ? mpfr_with_zero_turned(1, mpfr_fma(r, a, b, c, mode)) : ternary;
	}
	case NMSUB: {
		int ternary = mpfr_negated(mpfr_fms(r, a, b, c, other));
		return mpfr_zero_p(r) ? mpfr_with_zero_turned(1, mpfr_fms(r, a, b, c, mode)) : ternary;
	}
	case NHADD: {
		int ternary = mpfr_halved(mpfr_negated(mpfr_add(r, a, b, other)));
		return mpfr_zero_p(r) ? mpfr_with_zero_turned(1, mpfr_add(r, a, b, mode)) : ternary;
	}
	case NADD: return mpfr_add(r, a, b, mode);
	case NMUL: case NMUL_WIDEN: return mpfr_mul(r, a, b, mode);
	default: abort();
	}
}

static Outcome mpfr_to_integer(int bits)
{
	mpfr_ptr a = mpfr_operands[0];
	int negative = mpfr_signbit(a), inexact;
	mpfr_t whole;
	mpfr_init2(whole, 128);
	inexact = mpfr_trunc(whole, a);
	int fits = mpfr_number_p(a) && mpfr_cmp_si_2exp(whole, 1, bits - 1) < 0 && mpfr_cmp_si_2exp(whole, -1, bits - 1) >= 0;
	if (!fits) {
		mpfr_clear(whole);
		return (Outcome){integer_out_of_range(bits, negative), NV};
	}
	mpfr_get_z(mpfr_integer, whole, MPFR_RNDZ);
	mpfr_clear(whole);
	uint64_t size[2] = {0};
	mpz_export(size, 0, -1, 8, 0, 0, mpfr_integer);
	u128 value = negative ? -(u128)size[0] : size[0];
	return (Outcome){value & ones(bits), inexact ? NX : 0};
}

static Outcome mpfr_compute(const Operation *op, int mode, const u128 *x)
{
	static const mpfr_rnd_t modes[] = {MPFR_RNDN, MPFR_RNDZ, MPFR_RNDU, MPFR_RNDD};
	mpfr_rnd_t rounding = modes[mode], other = modes[mode];
	opposite(&other);
	if (op->kind == FROM_I || op->kind == FROM_X) {
		int64_t value = op->kind == FROM_I ? (int32_t)(uint32_t)x[0] : (int64_t)(uint64_t)x[0];
		mpfr_set_si(mpfr_operands[0], value, MPFR_RNDN);
	} else {
		for (int i = 0; i < 3; i++) to_mpfr(mpfr_operands[i], &FORMATS[op->from], x[i]);
	}
	if (op->kind == CMP || op->kind == CMPE) {
		int order = mpfr_cmp(mpfr_operands[0], mpfr_operands[1]);
		return (Outcome){order < 0 ? 1 : order > 0 ? 2 : 0, 0};
	}
	if (op->kind == TO_I || op->kind == TO_X) return mpfr_to_integer(op->kind == TO_I ? 32 : 64);
	const Format *to = &FORMATS[op->to];
	mpfr_set_prec(mpfr_result, to->fraction_bits + 1);
	mpfr_rounded(op->kind, MPFR_RNDZ, MPFR_RNDZ);
	int tiny = mpfr_regular_p(mpfr_result) && mpfr_get_exp(mpfr_result) - 1 < 1 - to->bias;
	mpfr_clear_flags();
	int ternary = mpfr_rounded(op->kind, rounding, other);
	if (mpfr_nan_p(mpfr_result)) return (Outcome){default_nan(to), NV};
	int flags = mpfr_divby0_p() ? DZ : 0;
	mpfr_exp_t least = mpfr_get_emin(), greatest = mpfr_get_emax();
	mpfr_set_emin(2 - to->bias - to->fraction_bits), mpfr_set_emax(to->bias + 1);
	mpfr_clear_flags();
	ternary = mpfr_check_range(mpfr_result, ternary, rounding);
	ternary = mpfr_subnormalize(mpfr_result, ternary, rounding);
	if (mpfr_overflow_p()) flags |= OF;
	mpfr_set_emin(least), mpfr_set_emax(greatest);
	if (ternary) flags |= NX;
	if (tiny) flags |= ternary ? TINY | UF : TINY;
	u128 bits = from_mpfr(mpfr_result, to);
	int negated = op->kind == NADD || op->kind == NMUL || op->kind == NMUL_WIDEN;
	if (negated && !(op->kind == NADD && is_zero(to, bits))) bits ^= sign_of(to);
	return (Outcome){bits, flags};
}
