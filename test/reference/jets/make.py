"""Golden power series: Taylor coefficients of losses and gradients along curves, by repeated automatic differentiation in 50 digits.

    python test/reference/jets/make.py     (needs mpmath; writes networks.json and expressions.json beside this file)

A number is its tower [f, f', f'', ...] of derivatives by t; a function's tower follows from the chain rule, (f o a)' = f'(a) a', applied to towers one
shorter, so no recurrence of power series is used. Gradients are reverse mode over towers. Coefficients are the derivatives over k!.
Inputs are multiples of 1/1024 from a small generator that the test repeats; they are exact in double precision.
"""
import json
import pathlib

from mpmath import mp, mpf, nstr

mp.dps = 50
here = pathlib.Path(__file__).parent
ORDER = 6


# Towers of derivatives.
def add(a, b):
    return [x + y for x, y in zip(a, b)]


def mul(a, b):
    if not any(a) or not any(b):
        return [mpf(0)] * len(a)
    return [a[0] * b[0]] + (add(mul(a[1:], b[:-1]), mul(a[:-1], b[1:])) if len(a) > 1 else [])


def const(value, like):
    return [mpf(value)] + [mpf(0)] * (len(like) - 1)


def scale(c, a):
    return [c * x for x in a]


def function(value, derivative):
    """The function of towers whose derivative is the function of towers `derivative`."""

    def apply(a):
        return [value(a[0])] + (mul(derivative(a[:-1]), a[1:]) if len(a) > 1 else [])

    return apply


exp = function(mp.exp, lambda a: exp(a))
inv = function(lambda x: 1 / x, lambda a: scale(-1, mul(inv(a), inv(a))))
log = function(mp.log, inv)
sin = function(mp.sin, lambda a: cos(a))
cos = function(mp.cos, lambda a: scale(-1, sin(a)))
sinh = function(mp.sinh, lambda a: cosh(a))
cosh = function(mp.cosh, lambda a: sinh(a))


def div(a, b):
    return mul(a, inv(b))


def square(a):
    return mul(a, a)


def sqrt(a):
    return [mp.sqrt(a[0])] + (mul(scale(mpf(1) / 2, inv(sqrt(a[:-1]))), a[1:]) if len(a) > 1 else [])


def one_plus(a, sign=1):
    return add(const(1, a), scale(sign, a))


tanh = function(mp.tanh, lambda a: one_plus(square(tanh(a)), -1))
tan = function(mp.tan, lambda a: one_plus(square(tan(a))))
cot = function(mp.cot, lambda a: scale(-1, one_plus(square(cot(a)))))
coth = function(mp.coth, lambda a: one_plus(square(coth(a)), -1))
sec = function(mp.sec, lambda a: mul(sec(a), tan(a)))
csc = function(mp.csc, lambda a: scale(-1, mul(csc(a), cot(a))))
sech = function(mp.sech, lambda a: scale(-1, mul(sech(a), tanh(a))))
csch = function(mp.csch, lambda a: scale(-1, mul(csch(a), coth(a))))
asin = function(mp.asin, lambda a: inv(sqrt(one_plus(square(a), -1))))
acos = function(mp.acos, lambda a: scale(-1, inv(sqrt(one_plus(square(a), -1)))))
atan = function(mp.atan, lambda a: inv(one_plus(square(a))))
asinh = function(mp.asinh, lambda a: inv(sqrt(one_plus(square(a)))))
acosh = function(mp.acosh, lambda a: inv(sqrt(scale(-1, one_plus(square(a), -1)))))
atanh = function(mp.atanh, lambda a: inv(one_plus(square(a), -1)))
sigmoid = function(lambda x: 1 / (1 + mp.exp(-x)), lambda a: mul(sigmoid(a), one_plus(sigmoid(a), -1)))
softplus = function(lambda x: mp.log1p(mp.exp(x)), sigmoid)
dsigmoid = lambda a: mul(sigmoid(a), one_plus(sigmoid(a), -1))


def whole(a, n):
    result = const(1, a)
    for _ in range(abs(n)):
        result = mul(result, a)
    return result if n >= 0 else inv(result)


# Reverse mode over towers.
class V:
    def __init__(self, tower, parents=()):
        self.tower, self.parents, self.adjoint = tower, parents, None

    def __add__(self, other):
        other = wrap(other, self)
        one = const(1, self.tower)
        return V(add(self.tower, other.tower), ((self, one), (other, one)))

    def __neg__(self):
        return V(scale(-1, self.tower), ((self, const(-1, self.tower)),))

    def __sub__(self, other):
        return self + (-wrap(other, self))

    def __rsub__(self, other):
        return wrap(other, self) - self

    def __mul__(self, other):
        other = wrap(other, self)
        return V(mul(self.tower, other.tower), ((self, other.tower), (other, self.tower)))

    def __truediv__(self, other):
        other = wrap(other, self)
        q = div(self.tower, other.tower)
        return V(q, ((self, inv(other.tower)), (other, scale(-1, div(q, other.tower)))))

    def __rtruediv__(self, other):
        return wrap(other, self) / self

    def __pow__(self, other):
        if isinstance(other, int):
            return V(whole(self.tower, other), ((self, scale(other, whole(self.tower, other - 1))),))
        other = wrap(other, self)
        l = log(self.tower)
        u = exp(mul(other.tower, l))
        return V(u, ((self, div(mul(other.tower, u), self.tower)), (other, mul(u, l))))

    __radd__, __rmul__ = __add__, __mul__


def wrap(x, like):
    return x if isinstance(x, V) else V(const(x, like.tower))


def unary(f, derivative):
    return lambda x: V(f(x.tower), ((x, derivative(x.tower)),))


half = mpf(1) / 2
F = {
    "exp": unary(exp, exp),
    "log": unary(log, inv),
    "log10": lambda x: F["log"](x) * (1 / mp.log(10)),
    "sqrt": unary(sqrt, lambda a: scale(half, inv(sqrt(a)))),
    "sin": unary(sin, cos),
    "cos": unary(cos, lambda a: scale(-1, sin(a))),
    "tan": unary(tan, lambda a: one_plus(square(tan(a)))),
    "cot": unary(cot, lambda a: scale(-1, one_plus(square(cot(a))))),
    "sec": unary(sec, lambda a: mul(sec(a), tan(a))),
    "csc": unary(csc, lambda a: scale(-1, mul(csc(a), cot(a)))),
    "sinh": unary(sinh, cosh),
    "cosh": unary(cosh, sinh),
    "tanh": unary(tanh, lambda a: one_plus(square(tanh(a)), -1)),
    "coth": unary(coth, lambda a: one_plus(square(coth(a)), -1)),
    "sech": unary(sech, lambda a: scale(-1, mul(sech(a), tanh(a)))),
    "csch": unary(csch, lambda a: scale(-1, mul(csch(a), coth(a)))),
    "asin": unary(asin, lambda a: inv(sqrt(one_plus(square(a), -1)))),
    "acos": unary(acos, lambda a: scale(-1, inv(sqrt(one_plus(square(a), -1))))),
    "atan": unary(atan, lambda a: inv(one_plus(square(a)))),
    "asinh": unary(asinh, lambda a: inv(sqrt(one_plus(square(a))))),
    "acosh": unary(acosh, lambda a: inv(sqrt(scale(-1, one_plus(square(a), -1))))),
    "atanh": unary(atanh, lambda a: inv(one_plus(square(a), -1))),
    "abs": lambda x: x if x.tower[0] > 0 else -x,
    "sigmoid": unary(sigmoid, dsigmoid),
    "softplus": unary(softplus, sigmoid),
    "identity": lambda x: x,
    "relu": lambda x: x if x.tower[0] > 0 else x * 0,
    "leaky-relu": lambda x: x if x.tower[0] > 0 else x * half,
}


def gradients(result, leaves):
    order = []
    seen = set()

    def visit(v):
        if id(v) not in seen:
            seen.add(id(v))
            for parent, _ in v.parents:
                visit(parent)
            order.append(v)

    visit(result)
    for v in order:
        v.adjoint = const(0, v.tower)
    for leaf in leaves:
        leaf.adjoint = const(0, leaf.tower)
    result.adjoint = const(1, result.tower)
    for v in reversed(order):
        for parent, slope in v.parents:
            parent.adjoint = add(parent.adjoint, mul(v.adjoint, slope))
    return [leaf.adjoint for leaf in leaves]


def coefficients(tower):
    return [x / mp.factorial(k) for k, x in enumerate(tower)]


def leaf(start, moves):
    """The tower of start + sum t^k moves[k - 1]."""
    tower = [mpf(start)] + [mpf(0)] * ORDER
    for k, s in enumerate(moves, 1):
        tower[k] = mpf(s) * mp.factorial(k)
    return V(tower)


def digits(x):
    return float(nstr(x, 20))


def answer(result, leaves):
    rows = [coefficients(g) for g in gradients(result, leaves)]
    return {
        "loss": [digits(x) for x in coefficients(result.tower)],
        "gradient": [[digits(row[k]) for row in rows] for k in range(ORDER + 1)],
    }


class Dice:
    """Lehmer's generator: multiples of 1/1024 in [-1, 1)."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = self.state * 16807 % 2147483647
        return (self.state % 2048 - 1024) / 1024


# Networks.
shapes = {1: [3, 3], 2: [2, 3, 3], 3: [2, 2, 3, 2]}
samples = 3


def network(widths, activation, last, loss, bias, dice, rows):
    count = sum((i + bias) * o for i, o in zip(widths, widths[1:]))
    w = [dice.next() for _ in range(count)]
    curve = [[dice.next() / 2 for _ in range(count)] for _ in range(rows)]
    leaves = [leaf(x, [row[i] for row in curve]) for i, x in enumerate(w)]
    inputs = [[dice.next() for _ in range(widths[0])] for _ in range(samples)]
    outputs = widths[-1]
    targets = [[dice.next() for _ in range(outputs)] for _ in range(samples)]
    if loss == "softmax-cross-entropy":
        # One-hot, and one that is none.
        targets = [[float(k == n % outputs) for k in range(outputs)] for n in range(samples)]
        targets[-1] = [0.5, 0.25] + [0.0] * (outputs - 2)
    total = None
    for x, y in zip(inputs, targets):
        h = x
        at = 0
        for place, (i, o) in enumerate(zip(widths, widths[1:])):
            f = F[last if place == len(widths) - 2 else activation]
            net = []
            for j in range(o):
                s = leaves[at + i * o + j] if bias else leaves[at] * 0
                for r in range(i):
                    s = s + leaves[at + r * o + j] * h[r]
                net.append(f(s))
            h = net
            at += (i + bias) * o
        if loss == "softmax-cross-entropy":
            z = None
            for v in h:
                z = F["exp"](v) if z is None else z + F["exp"](v)
            l = F["log"](z)
            value = None
            for v, t in zip(h, y):
                term = (l - v) * t
                value = term if value is None else value + term
            value = value * (mpf(1) / samples)
        else:
            value = None
            for v, t in zip(h, y):
                e = (v - t) ** 2
                value = e if value is None else value + e
            value = value * (half if loss == "half-sse" else mpf(1) / (samples * outputs))
        total = value if total is None else total + value
    return answer(total, leaves)


def networks():
    cases = []
    for depth, widths in shapes.items():
        for a, activation in enumerate(["identity", "relu", "leaky-relu", "tanh", "sigmoid", "softplus"]):
            for l, loss in enumerate(["half-sse", "mse", "softmax-cross-entropy"]):
                bias = (depth + l) % 2 == 0
                rows = [1, 3, 6][(a + l) % 3]
                last = "identity" if loss == "softmax-cross-entropy" else activation
                seed = 1000 * depth + 10 * a + l + 1
                result = network(widths, activation, last, loss, bias, Dice(seed), rows)
                cases.append({"layers": widths, "activation": activation, "lossKind": loss, "bias": bias, "rows": rows, "seed": seed, **result})
    return cases


# Expressions of x and y.
expressions = {
    "(1 - x)^2 + 100*(y - x^2)^2": lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
    "x^3 - 3*x*y^2": lambda x, y: x**3 - 3 * x * y**2,
    "x^4/4 - x^2/2 + y^2": lambda x, y: x**4 * mpf(0.25) - x**2 * half + y**2,
    "x^7*y^(-3)": lambda x, y: x**7 * y ** (-3),
    "-x + +y": lambda x, y: -x + y,
    "x/y - y/x": lambda x, y: x / y - y / x,
    "x^y": lambda x, y: x**y,
    "2^(x*y)": lambda x, y: F["exp"](x * y * mp.log(2)),
    "x^0.5*y^(-1.5)": lambda x, y: x ** V(const(half, x.tower)) * y ** V(const(-1.5, x.tower)),
    "abs(y - x)*x": lambda x, y: F["abs"](y - x) * x,
    "exp(x*y)": lambda x, y: F["exp"](x * y),
    "log(x^2 + y^2)": lambda x, y: F["log"](x**2 + y**2),
    "log(x + 1, y + 3)": lambda x, y: F["log"](x + 1) / F["log"](y + 3),
    "log10(x + y)": lambda x, y: F["log10"](x + y),
    "sqrt(x^2 + 2*y)": lambda x, y: F["sqrt"](x**2 + 2 * y),
    "sin(3*x)*cos(2*y)": lambda x, y: F["sin"](3 * x) * F["cos"](2 * y),
    "tan(x*y)": lambda x, y: F["tan"](x * y),
    "sec(x) + csc(y)": lambda x, y: F["sec"](x) + F["csc"](y),
    "cot(x + y)": lambda x, y: F["cot"](x + y),
    "asin(x*y) + acos(x/2)": lambda x, y: F["asin"](x * y) + F["acos"](x / 2),
    "atan(x - 2*y)": lambda x, y: F["atan"](x - 2 * y),
    "sinh(x)*cosh(y)": lambda x, y: F["sinh"](x) * F["cosh"](y),
    "tanh(x + y)": lambda x, y: F["tanh"](x + y),
    "tanh(9*x*y)": lambda x, y: F["tanh"](9 * x * y),
    "sech(x) + csch(y)": lambda x, y: F["sech"](x) + F["csch"](y),
    "coth(x*y)": lambda x, y: F["coth"](x * y),
    "asinh(x^2) + atanh(x*y)": lambda x, y: F["asinh"](x**2) + F["atanh"](x * y),
    "acosh(2 + x*y)": lambda x, y: F["acosh"](2 + x * y),
    "exp(-(x^2 + y^2))*sin(5*x) + log(1 + exp(y))": lambda x, y: F["exp"](-(x**2 + y**2)) * F["sin"](5 * x) + F["log"](1 + F["exp"](y)),
}
point = [0.625, 0.875]
curves = {"line": [[0.75, -0.5]], "curve": [[0.5, 0.25], [-0.25, 0.375], [0.125, -0.5]], "axis": [[1.0, 0.0]]}


def expression_cases():
    cases = []
    for source, f in expressions.items():
        for name, curve in curves.items():
            leaves = [leaf(x, [row[i] for row in curve]) for i, x in enumerate(point)]
            cases.append({"source": source, "curve": name, **answer(f(*leaves), leaves)})
    return {"point": point, "curves": curves, "cases": cases}


def write(name, content):
    (here / name).write_text(json.dumps(content, separators=(",", ":")).replace('},{"', '},\n{"') + "\n")


write("expressions.json", expression_cases())
write("networks.json", networks())
