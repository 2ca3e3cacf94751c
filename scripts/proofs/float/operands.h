/* Formats as bit patterns, and operands where float arithmetic is interesting. */
#include <stdint.h>

typedef unsigned __int128 u128;

typedef struct {
	int bits, fraction_bits, bias, top;
} Format;

static const Format FORMATS[] = {{32, 23, 127, 255}, {64, 52, 1023, 2047}, {128, 112, 16383, 32767}};

static uint64_t random_state[4];

static uint64_t rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

/* xoshiro256**, seeded by splitmix64 */
static uint64_t random_bits(void)
{
	uint64_t *s = random_state, result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
	s[2] ^= s[0], s[3] ^= s[1], s[1] ^= s[2], s[0] ^= s[3], s[2] ^= t, s[3] = rotate(s[3], 45);
	return result;
}

static void seed_random(uint64_t seed, uint64_t chunk)
{
	uint64_t x = seed * 0x9e3779b97f4a7c15u ^ chunk * 0xd1342543de82ef95u;
	for (int i = 0; i < 4; i++) {
		uint64_t z = x += 0x9e3779b97f4a7c15u;
		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
		z = (z ^ z >> 27) * 0x94d049bb133111ebu;
		random_state[i] = z ^ z >> 31;
	}
}

static unsigned below(unsigned limit)
{
	return (unsigned)((random_bits() >> 32) * (uint64_t)limit >> 32);
}

static u128 wide_random(void)
{
	return (u128)random_bits() << 64 | random_bits();
}

static u128 ones(int width)
{
	return width >= 128 ? ~(u128)0 : ((u128)1 << width) - 1;
}

static u128 sign_of(const Format *f)
{
	return (u128)1 << (f->bits - 1);
}

static u128 infinity_of(const Format *f)
{
	return (u128)f->top << f->fraction_bits;
}

static u128 quiet_of(const Format *f)
{
	return (u128)1 << (f->fraction_bits - 1);
}

static u128 magnitude(const Format *f, u128 x)
{
	return x & ones(f->bits - 1);
}

static int is_nan(const Format *f, u128 x)
{
	return magnitude(f, x) > infinity_of(f);
}

static int is_signaling(const Format *f, u128 x)
{
	return is_nan(f, x) && !(x & quiet_of(f));
}

static int is_infinite(const Format *f, u128 x)
{
	return magnitude(f, x) == infinity_of(f);
}

static int is_zero(const Format *f, u128 x)
{
	return !magnitude(f, x);
}

static u128 packed(const Format *f, int negative, int biased, u128 fraction)
{
	return (negative ? sign_of(f) : 0) | (u128)biased << f->fraction_bits | (fraction & ones(f->fraction_bits));
}

static u128 random_fraction(const Format *f)
{
	u128 all = ones(f->fraction_bits), bit = (u128)1 << below(f->fraction_bits);
	switch (below(7)) {
	case 0: return below(4);
	case 1: return all - below(4);
	case 2: return bit;
	case 3: return bit - 1;
	case 4: return all & ~(bit - 1);
	case 5: return bit | (u128)1 << below(f->fraction_bits) | below(2);
	default: return wide_random();
	}
}

/* Exponents near both ends, near one, near the integers' sizes, and any. */
static int random_exponent(const Format *f)
{
	int precision = f->fraction_bits + 1, e;
	switch (below(6)) {
	case 0: e = below(4); break;
	case 1: e = f->top - (int)below(4); break;
	case 2: e = f->bias - precision - 4 + (int)below(2 * precision + 9); break;
	case 3: e = below(2 * precision + 8); break;
	case 4: e = f->bias + (below(2) ? 31 : 63) - 3 + (int)below(7); break;
	default: e = below(f->top + 1); break;
	}
	return e < 0 ? 0 : e > f->top ? f->top : e;
}

static u128 random_float(const Format *f)
{
	if (!below(5)) return wide_random() & ones(f->bits);
	return packed(f, below(2), random_exponent(f), random_fraction(f));
}

/* Related to `a`, so that a sum cancels, lies half way, or a product or quotient lands near an end of the range. */
static u128 related_float(const Format *f, u128 a)
{
	int e = (int)(magnitude(f, a) >> f->fraction_bits), precision = f->fraction_bits + 1, wanted;
	switch (below(7)) {
	case 0: return (a + below(9) - 4) & ones(f->bits);
	case 1: return ((a + below(9) - 4) & ones(f->bits)) ^ sign_of(f);
	case 2: wanted = e - precision + (int)below(5) - 2; break;
	case 3: wanted = f->bias + 1 - e + f->bias - (int)below(4) - (below(2) ? f->bias : f->bias + precision - 2); break;
	case 4: wanted = 2 * f->bias - e + f->bias + 2 - (int)below(4); break;
	case 5: wanted = e + f->bias - 1 - (int)below(2) - (below(2) ? 0 : precision - 1); break;
	default: return random_float(f);
	}
	if (wanted < 0 || wanted > f->top) return random_float(f);
	return packed(f, below(2), wanted, random_fraction(f));
}

/* An integer of so many bits and a fraction near none, half or one: for conversions to integers. */
static u128 near_integer(const Format *f)
{
	int size = below(70);
	int keep = f->fraction_bits - size;
	u128 fraction = wide_random() & ones(f->fraction_bits);
	if (below(3) == 0) fraction = below(2) ? ones(f->fraction_bits) : 0;
	if (keep > 1) {
		u128 half = (u128)1 << (keep - 1);
		fraction &= ~ones(keep);
		fraction += below(3) * half + below(3) - 1;
	}
	return packed(f, below(2), f->bias + size, fraction);
}

/* The narrower format's halves, and their neighbours. */
static u128 near_narrow(const Format *f, const Format *to)
{
	u128 x = random_float(f);
	int lost = f->fraction_bits - to->fraction_bits;
	int exponent = f->bias - to->bias + random_exponent(to);
	int subnormal = below(3) ? 0 : (int)below(to->fraction_bits + 3);
	if (subnormal) exponent = f->bias - to->bias + 1 - subnormal;
	lost += subnormal;
	if (lost < 2 || lost > f->fraction_bits) return x;
	u128 half = (u128)1 << (lost - 1);
	u128 fraction = random_fraction(f) & ~ones(lost);
	return packed(f, below(2), exponent, fraction + below(3) * half + below(3) - 1);
}

static u128 random_integer(int bits)
{
	u128 value = wide_random() & ones(bits);
	switch (below(6)) {
	case 0: value = below(9) - 4; break;
	case 1: value = ((u128)1 << below(bits)) + below(5) - 2; break;
	case 2: value = -((u128)1 << below(bits)) + below(5) - 2; break;
	case 3: value >>= below(bits); break;
	case 4: {
		int keep = below(2) ? 24 : 53, shift = below(bits);
		u128 head = wide_random() & ones(keep);
		value = (head << 1 | 1) << shift >> 1;
		value += below(3) - 1;
		break;
	}
	default: break;
	}
	return value & ones(bits);
}

#define MOST_SPECIALS 64

/* Values to be crossed with each other. */
static int specials(const Format *f, u128 *list)
{
	int n = 0;
	u128 all = ones(f->fraction_bits), one = (u128)f->bias << f->fraction_bits;
	u128 unit = (u128)1 << f->fraction_bits;
	u128 positive[] = {
		0, 1, 2, all, all - 1, unit, unit + 1, 2 * unit - 1, 2 * unit, one, one + 1, one - 1, one + unit, one - unit,
		one + quiet_of(f), infinity_of(f) - 1, infinity_of(f) - unit, infinity_of(f), infinity_of(f) + quiet_of(f),
		infinity_of(f) + 1, infinity_of(f) + all, infinity_of(f) + quiet_of(f) - 1,
		one + 31 * unit, one + 31 * unit - 1, one + 63 * unit, one + 63 * unit - 1,
	};
	for (unsigned i = 0; i < sizeof positive / sizeof *positive; i++) {
		list[n++] = positive[i];
		list[n++] = positive[i] | sign_of(f);
	}
	return n;
}
