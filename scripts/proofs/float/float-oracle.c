/* Does float operations on chosen operands, with the host's FPU (and libgcc for quads) or with MPFR, and writes operands, results
 * and flags to standard output for others to compare. Arguments: host|mpfr, seed, chunk, operations in all.
 *
 * A block is an operation's name in 16 bytes, the number of its cases and of the 64-bit lanes of a value in 32 bits each. A case is
 * a lane with the rounding mode as FSR.RD has it (bits 1:0) and the flags (from bit 8 on), then three operands and the result. */
#include <fenv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "operands.h"
#include "nan-rules.h"

enum { S, D, Q, NONE };

typedef enum {
	ADD, SUB, MUL, DIV, SQRT, CMP, CMPE, TO_I, TO_X, FROM_I, FROM_X, CONVERT, MUL_WIDEN,
	MADD, MSUB, NMADD, NMSUB, HADD, HSUB, NHADD, NADD, NMUL, NMUL_WIDEN
} Kind;

typedef struct {
	const char *name;
	Kind kind;
	int from, to;
} Operation;

#define OF_EACH(kind, name) {name "s", kind, S, S}, {name "d", kind, D, D}, {name "q", kind, Q, Q}
#define OF_BOTH(kind, name) {name "s", kind, S, S}, {name "d", kind, D, D}

static const Operation OPERATIONS[] = {
	OF_EACH(ADD, "add"), OF_EACH(SUB, "sub"), OF_EACH(MUL, "mul"), OF_EACH(DIV, "div"), OF_EACH(SQRT, "sqrt"),
	OF_EACH(CMP, "cmp"), OF_EACH(CMPE, "cmpe"),
	{"stoi", TO_I, S, NONE}, {"dtoi", TO_I, D, NONE}, {"qtoi", TO_I, Q, NONE},
	{"stox", TO_X, S, NONE}, {"dtox", TO_X, D, NONE}, {"qtox", TO_X, Q, NONE},
	{"itos", FROM_I, NONE, S}, {"itod", FROM_I, NONE, D}, {"itoq", FROM_I, NONE, Q},
	{"xtos", FROM_X, NONE, S}, {"xtod", FROM_X, NONE, D}, {"xtoq", FROM_X, NONE, Q},
	{"stod", CONVERT, S, D}, {"dtos", CONVERT, D, S}, {"stoq", CONVERT, S, Q}, {"dtoq", CONVERT, D, Q},
	{"qtos", CONVERT, Q, S}, {"qtod", CONVERT, Q, D},
	{"smuld", MUL_WIDEN, S, D}, {"dmulq", MUL_WIDEN, D, Q}, {"nsmuld", NMUL_WIDEN, S, D},
	OF_BOTH(MADD, "madd"), OF_BOTH(MSUB, "msub"), OF_BOTH(NMADD, "nmadd"), OF_BOTH(NMSUB, "nmsub"),
	OF_BOTH(HADD, "hadd"), OF_BOTH(HSUB, "hsub"), OF_BOTH(NHADD, "nhadd"), OF_BOTH(NADD, "nadd"), OF_BOTH(NMUL, "nmul"),
};
/* Pairs of chunks that share the triples of special values. */
#define FUSED_CROSSINGS 37

#define OPERATION_COUNT (sizeof OPERATIONS / sizeof *OPERATIONS)

/* The result of an operation on operands that are no NaNs and to a result that is none, where it is one of the format's. */
typedef struct {
	u128 bits;
	int flags;
} Outcome;

#include "host-arithmetic.h"
#include "mpfr-arithmetic.h"

static int is_unary(Kind kind)
{
	return kind == SQRT || (kind >= TO_I && kind <= CONVERT);
}

static int is_fused(Kind kind)
{
	return kind >= MADD && kind <= NMSUB;
}

/* NaNs and invalid operations by the manual, all else by the oracle. */
static Outcome judged(const Operation *op, int mode, const u128 *x, Outcome (*compute)(const Operation *, int, const u128 *))
{
	if (op->kind == FROM_I || op->kind == FROM_X) return compute(op, mode, x);
	const Format *from = &FORMATS[op->from];
	u128 preferred[3] = {x[1], x[0]}, nan;
	int operands = is_unary(op->kind) ? 1 : 2;
	if (is_unary(op->kind)) preferred[0] = x[0];
	int zero_times_infinity = 0;
	if (is_fused(op->kind)) {
		operands = 3, preferred[0] = x[2], preferred[1] = x[1], preferred[2] = x[0];
		zero_times_infinity =
			(is_zero(from, x[0]) && is_infinite(from, x[1])) || (is_infinite(from, x[0]) && is_zero(from, x[1]));
	}
	if (!chosen_nan(from, preferred, operands, &nan)) return compute(op, mode, x);
	int invalid = is_signaling(from, nan) || zero_times_infinity ? NV : 0;
	/* Where the FPU and the manual agree on the flag, it is the FPU's. */
	if (compute == host_compute && !is_fused(op->kind)) invalid = compute(op, mode, x).flags & NV;
	if (op->kind == CMP || op->kind == CMPE) return (Outcome){3, op->kind == CMPE && compute != host_compute ? NV : invalid};
	if (op->kind == TO_I || op->kind == TO_X)
		return (Outcome){integer_out_of_range(op->kind == TO_I ? 32 : 64, !!(nan & sign_of(from))), compute == host_compute ? invalid : NV};
	return (Outcome){carried_nan(from, &FORMATS[op->to], nan), invalid};
}

static void choose_operands(const Operation *op, u128 *x)
{
	x[0] = x[1] = x[2] = 0;
	if (op->kind == FROM_I || op->kind == FROM_X) {
		x[0] = random_integer(op->kind == FROM_I ? 32 : 64);
		return;
	}
	const Format *f = &FORMATS[op->from];
	x[0] = random_float(f);
	if ((op->kind == TO_I || op->kind == TO_X) && below(4)) x[0] = near_integer(f);
	if (op->kind == CONVERT && op->to < op->from && below(4)) x[0] = near_narrow(f, &FORMATS[op->to]);
	if (op->kind == SQRT && below(2)) x[0] &= ~sign_of(f);
	if (is_unary(op->kind)) return;
	x[1] = below(3) ? related_float(f, x[0]) : random_float(f);
	if (!is_fused(op->kind)) return;
	x[2] = random_float(f);
	if (below(2)) {
		int e = (int)(magnitude(f, x[0]) >> f->fraction_bits) + (int)(magnitude(f, x[1]) >> f->fraction_bits) - f->bias;
		e += (int)below(4 * f->fraction_bits) - 2 * f->fraction_bits;
		if (e >= 0 && e < f->top) x[2] = packed(f, below(2), e, random_fraction(f));
	} else if (below(2)) {
		Operation product = {"", MUL, op->from, op->from};
		Outcome rounded = host_compute(&product, below(4), x);
		x[2] = (rounded.bits ^ (below(4) ? sign_of(f) : 0)) + below(3) - 1;
		x[2] &= ones(f->bits);
	}
}

/* The n-th tuple of special values and rounding modes; 0 after the last. */
static int crossed_operands(const Operation *op, uint64_t n, u128 *x, int *mode)
{
	if (op->kind == FROM_I || op->kind == FROM_X) return 0;
	u128 list[MOST_SPECIALS];
	int count = specials(&FORMATS[op->from], list);
	*mode = n & 3, n >>= 2;
	x[0] = list[n % count], n /= count;
	x[1] = x[2] = 0;
	if (is_unary(op->kind)) return n == 0;
	x[1] = list[n % count], n /= count;
	if (!is_fused(op->kind)) return n == 0;
	x[2] = list[n % count];
	return n / count == 0;
}

static void put(const Operation *op, int lanes, int mode, const u128 *x, Outcome (*compute)(const Operation *, int, const u128 *))
{
	Outcome outcome = judged(op, mode, x, compute);
	u128 values[4] = {x[0], x[1], x[2], outcome.bits};
	uint64_t record[9] = {(uint64_t)outcome.flags << 8 | mode};
	for (int i = 0; i < 4; i++)
		for (int lane = 0; lane < lanes; lane++) record[1 + i * lanes + lane] = (uint64_t)(values[i] >> (64 * lane));
	fwrite(record, 8, 1 + 4 * lanes, stdout);
}

static void put_header(const Operation *op, uint32_t count, uint32_t lanes)
{
	char name[16] = {0};
	strncpy(name, op->name, sizeof name - 1);
	fwrite(name, 1, sizeof name, stdout);
	fwrite(&count, 4, 1, stdout);
	fwrite(&lanes, 4, 1, stdout);
}

/* How many tuples of special values a chunk takes, from the first one on by steps. */
static uint32_t crossed_count(const Operation *op, uint64_t first, uint64_t step)
{
	u128 x[3];
	int mode;
	uint32_t count = 0;
	for (uint64_t n = first; step && crossed_operands(op, n, x, &mode); n += step) count++;
	return count;
}

/* One operation and mode with operands in hexadecimal: what a script repeats. */
static u128 parsed(const char *text)
{
	u128 value = 0;
	for (; *text; text++) value = value << 4 | (u128)(*text <= '9' ? *text - '0' : (*text | 32) - 'a' + 10);
	return value;
}

int main(int argc, char **argv)
{
	if (argc < 5) return 2;
	Outcome (*compute)(const Operation *, int, const u128 *) = !strcmp(argv[1], "mpfr") ? mpfr_compute : host_compute;
	static char buffer[1 << 16];
	setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
	prepare_mpfr();
	if (argc == 7) {
		for (unsigned i = 0; i < OPERATION_COUNT; i++)
			if (!strcmp(OPERATIONS[i].name, argv[2])) {
				u128 x[3] = {parsed(argv[4]), parsed(argv[5]), parsed(argv[6])};
				put_header(&OPERATIONS[i], 1, 2);
				put(&OPERATIONS[i], 2, atoi(argv[3]), x, compute);
			}
		return 0;
	}
	uint64_t chunk = strtoull(argv[3], 0, 10), count = strtoull(argv[4], 0, 10);
	seed_random(strtoull(argv[2], 0, 10), chunk);
	unsigned able = 0, number = 0;
	for (unsigned i = 0; i < OPERATION_COUNT; i++) able += compute == mpfr_compute || host_can(&OPERATIONS[i]);
	for (unsigned i = 0; i < OPERATION_COUNT; i++) {
		const Operation *op = &OPERATIONS[i];
		if (compute == host_compute && !host_can(op)) continue;
		int lanes = op->from == Q || op->to == Q ? 2 : 1, mode;
		uint32_t share = (uint32_t)(count * (number + 1) / able - count * number / able);
		number++;
		/* Chunks 0 and 1 cross the special values; those of fused operations are crossed by the first chunks together. */
		uint64_t step = is_fused(op->kind) ? FUSED_CROSSINGS : 1, first = chunk / 2;
		if (first >= step) step = 0;
		uint32_t crossed = crossed_count(op, first, step);
		put_header(op, share + crossed, lanes);
		u128 x[3];
		for (uint64_t n = first, done = 0; done < crossed; n += step, done++) {
			crossed_operands(op, n, x, &mode);
			put(op, lanes, mode, x, compute);
		}
		for (uint32_t n = 0; n < share; n++) {
			choose_operands(op, x);
			put(op, lanes, below(4), x, compute);
		}
	}
	return 0;
}
