/* What V9 B.2 says of NaNs and B.5 of integers out of range; flags as FSR.cexc numbers them. */

enum { NX = 1, DZ = 2, UF = 4, OF = 8, NV = 16, TINY = 32 };

static u128 default_nan(const Format *f)
{
	return ones(f->bits - 1);
}

/* The NaN in another format: sign and the high bits of the fraction stay, and it is quiet. */
static u128 carried_nan(const Format *from, const Format *to, u128 x)
{
	u128 fraction = x & ones(from->fraction_bits);
	int widen = to->fraction_bits - from->fraction_bits;
	fraction = widen >= 0 ? fraction << widen : fraction >> -widen;
	return (x & sign_of(from) ? sign_of(to) : 0) | infinity_of(to) | quiet_of(to) | fraction;
}

/* Among operands in the order of their preference: a signaling one goes first. */
static int chosen_nan(const Format *f, const u128 *operands, int count, u128 *chosen)
{
	for (int signaling = 1; signaling >= 0; signaling--)
		for (int i = 0; i < count; i++)
			if (signaling ? is_signaling(f, operands[i]) : is_nan(f, operands[i])) {
				*chosen = operands[i];
				return 1;
			}
	return 0;
}

static u128 integer_out_of_range(int bits, int negative)
{
	u128 limit = (u128)1 << (bits - 1);
	return negative ? limit : limit - 1;
}
