"""Checks of lesson 03: folding, the bottleneck, the receptive field, weights, the first loss."""

import numpy as np

from blockcnn_helpers.answers import ask, ask_number, hint_for

SLOPE = 0.1  # of the network's LeakyReLUs


def check_fold(answer):
    """Check ``answer(image)``: shape (h, w, c) in, each 2x2 square of pixels stacked into channels, (h / 2, w / 2, 4 c), out."""
    for height, width, channels in ((6, 8, 3), (4, 10, 5)):
        image = np.random.default_rng(2).permutation(height * width * channels).reshape(height, width, channels)
        got, problem = ask(answer, image, array=True)
        if problem and channels == 5:
            return f"Right for 6x8 pixels of 3 channels, but not for 4x10 of 5: read the sizes from image.shape. {problem}"
        if problem:
            return problem
        squares = image.reshape(height // 2, 2, width // 2, 2, channels).swapaxes(1, 2)
        want = squares.reshape(height // 2, width // 2, 4 * channels)
        order = [list(want[0, 0]).index(value) for value in got[0, 0]] if _same_numbers(got, want) else None
        if order is None or (got != want[..., order]).any():
            return _fold_hint(got, want, image)
    return "✓ Right: half as wide and high, four times as many channels, and every number is still there."


def _same_numbers(got, want):
    return got.shape == want.shape and sorted(got[0, 0]) == sorted(want[0, 0])


def _fold_hint(got, want, image):
    height, width, channels = image.shape
    if got.shape == want.shape:
        if np.array_equal(got, image.reshape(want.shape)):
            return "The shape is right, but reshape alone takes neighbours from one row: split both axes first, then swap."
        if not np.isin(got, image).all():
            return f"The numbers have changed (the largest is {got.max():.3g}, in the image {image.max()}): folding moves pixels."
        if len(np.unique(got)) < image.size:
            return f"Only {len(np.unique(got))} of {image.size} different numbers are left: folding moves pixels and loses none."
        return "The shape is right, but channels of a cell are not its own 2x2 square: which axes does your swap bring together?"
    if got.shape == image.shape[:2] + (4 * channels,) or got.size > image.size:
        return f"{got.size} numbers came out of {image.size}: each pixel goes into one cell only."
    if got.shape == (height // 2, width // 2, channels):
        return "Three of four pixels are gone: that is a picture at half size. Folding keeps all four, as channels."
    if got.shape in ((height // 2, width // 2, 2, 2, channels), (height // 2, width // 2, 4, channels)):
        return f"The squares are right, but shape {got.shape} has more than three axes: flatten the last ones into channels."
    if got.shape == (width // 2, height // 2, 4 * channels):
        return "Height and width are swapped: the first axis runs downwards."
    if got.shape == (2 * height, width // 2, channels):
        return "The four pictures of half size lie below each other: a cell's numbers are channels, so join them along the last axis."
    return f"An image of shape {image.shape} folds to {want.shape}, yours has shape {got.shape}."


def check_bottleneck(answer):
    """Check ``answer(x, width)``: a Keras tensor in, what comes out of a bottleneck with `width` channels inside out."""
    import keras

    from blockcnn_helpers.networks import bottleneck

    for channels, width in ((6, 4), (5, 8)):
        inputs = keras.Input((9, 7, channels))
        got, problem = ask(answer, inputs, width)
        if problem:
            return problem + _about(problem)
        if not isinstance(got, keras.KerasTensor):
            return f"Expected what the last layer returns, got {type(got).__name__}: a layer is called on what it is to work on."
        mine = keras.Model(inputs, got)
        hint = _layers_hint(mine, channels, width)
        if hint:
            return hint
        rng = np.random.default_rng(width)
        pictures = rng.normal(size=(2, 9, 7, channels)).astype("float32")
        weights = [rng.normal(size=array.shape) for array in mine.get_weights()]
        mine.set_weights(weights)
        course = keras.Model(inputs, bottleneck(inputs, width, "course"))
        course.set_weights(weights)
        want, got = np.asarray(course(pictures)), np.asarray(mine(pictures))
        if got.shape != want.shape or not np.allclose(got, want, atol=1e-3):
            return _values_hint(got, want, pictures, weights)
    return "✓ Right: the same weights give the same numbers as the package's bottleneck."


def _about(problem):
    if "incompatible shapes" in problem or "broadcast" in problem:
        return " Before you add x, crop its rim of one cell (and leave its channels as they are)."
    if "positional arguments" in problem or "Only input tensors" in problem:
        return " A layer is made first and then called on its input: layers.Conv2D(…)(x)."
    return ""


def _layers_hint(model, channels, width):
    """Say what is wrong with the convolutions of a bottleneck, or None."""
    import keras

    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    kernels, filters = [layer.kernel_size[0] for layer in convolutions], [layer.filters for layer in convolutions]
    if len(convolutions) != 3:
        return f"A bottleneck has three convolutions, yours has {len(convolutions)}: widen, look, narrow."
    if kernels != [1, 3, 1]:
        return f"The kernels should be 1x1, 3x3, 1x1, yours are {', '.join(f'{side}x{side}' for side in kernels)}."
    if any(layer.padding != "valid" for layer in convolutions):
        return 'Your 3x3 pads, so that a rim of zeros is seen: leave padding as it is, "valid".'
    if any(layer.strides != (1, 1) for layer in convolutions):
        return "No convolution of a bottleneck leaves cells out: strides are 1."
    if filters[2] != channels:
        return f"The last 1x1 must go back to the channels of x, {channels} here, yours has {filters[2]}: x.shape[-1] knows them."
    if filters != [width, width, channels]:
        return f"Channels should go {channels}, {width}, {width}, {channels}, yours go {channels}, {', '.join(map(str, filters))}."
    if not all(layer.use_bias for layer in convolutions):
        return "The convolutions have biases: leave use_bias as it is."
    return None


def _values_hint(got, want, pictures, weights):
    """Say what a bottleneck with the right convolutions does wrong: its result is compared with those of common mistakes."""

    def by_hand(first=SLOPE, second=SLOPE, third=1.0):
        x, slopes = pictures.astype(float), (first, second, third)
        for kernel, bias, slope in zip(weights[::2], weights[1::2], slopes):
            side, high, wide = len(kernel), x.shape[1] - len(kernel) + 1, x.shape[2] - len(kernel) + 1
            x = sum(x[:, r : r + high, c : c + wide] @ kernel[r, c] for r in range(side) for c in range(side)) + bias
            x = np.where(x < 0, slope * x, x)
        return x

    y, crop = by_hand(), pictures[:, 1:-1, 1:-1]
    if got.shape != want.shape:
        return f"{pictures.shape[1]}x{pictures.shape[2]} cells should become {want.shape[1:3]}, yours are {got.shape[1:3]}."
    hints = {
        "Without the skip: add x, its rim cropped, to what the three convolutions say.": y,
        "You crop x on the right and at the bottom only: the cells no longer meet their own neighbourhood.": pictures[:, :-2, :-2] + y,
        "You crop x on the left and at the top only: the cells no longer meet their own neighbourhood.": pictures[:, 2:, 2:] + y,
        "A skip adds, yours subtracts.": crop - y,
        "A skip adds, yours subtracts: what would y have to be to change nothing?": y - crop,
        "Nothing stands between your convolutions: a LeakyReLU comes after the first and after the second.": crop + by_hand(1, 1),
        "After the second convolution a LeakyReLU is missing.": crop + by_hand(SLOPE, 1),
        "After the first convolution a LeakyReLU is missing.": crop + by_hand(1, SLOPE),
        "A ReLU makes zero of what is negative: a LeakyReLU keeps a tenth of it.": crop + by_hand(0, 0),
        f"Keras' LeakyReLU keeps 0.3 unless told otherwise: ours keeps {SLOPE}.": crop + by_hand(0.3, 0.3),
        f'"leaky_relu" keeps 0.2: ours keeps {SLOPE}, so make a layer of it, layers.LeakyReLU({SLOPE}).': crop + by_hand(0.2, 0.2),
        "After the last 1x1 comes no LeakyReLU: what is added may be as negative as it likes.": crop + by_hand(third=SLOPE),
        "After the addition comes no LeakyReLU: where y is zero, x passes unchanged.": np.where(crop + y < 0, SLOPE, 1) * (crop + y),
    }
    return hint_for(got, hints, atol=1e-3) or (
        "The convolutions are right and the result is not: a LeakyReLU after the first two of them, and x, cropped, added at the end?"
    )


def check_field(answer):
    """Check ``answer(kernels, strides)``: sides and strides of convolutions in, first to last, the side of the receptive field out."""
    cases = {((3,), (1,)): 3, ((3, 3), (1, 1)): 5, ((5, 7, 1), (1, 1, 1)): 11}
    cases |= {((3, 2, 5, 3), (1, 2, 1, 1)): 16, ((2, 3, 3, 3, 3), (2, 1, 1, 1, 1)): 18, ((3, 3, 3), (2, 2, 1)): 15}
    for (kernels, strides), want in cases.items():
        got, problem = ask_number(answer, list(kernels), list(strides))
        if problem:
            return problem
        if np.isclose(got, want):
            continue
        given = f"kernels {list(kernels)} with strides {list(strides)}"
        if np.isclose(got, want**2):
            return f"{got:g} is the area: the side is asked for."
        steps = np.cumprod([1, *strides])
        less = np.array(kernels) - 1
        hints = {
            f"{got:g} is one too few: what does a pixel see before the first layer?": want - 1,
            "You add whole kernels, but neighbouring windows overlap: a 3x3 adds only 2.": sum(kernels),
            "You multiply the kernels, but neighbouring windows overlap: a 3x3 adds only 2.": np.prod(kernels),
            f"{got:g}: strides of 2 and 2 make a step of 4, of 1 and 2 one of 2: multiply them, don't add.": (
                1 + less @ np.cumsum([1, *strides[:-1]])
            ),
            "You add whole kernels, times the stride: neighbouring windows overlap, a 3x3 adds only 2.": 1 + np.dot(kernels, steps[:-1]),
            f"{got:g} leaves the strides out: after a stride of 2, one cell to the side is two pixels.": 1 + less.sum(),
            f"{got:g}: a layer's own stride counts for the layers after it, not for its own kernel.": 1 + less @ steps[1:],
            f"{got:g}: you walk from the last layer to the first, but it is the first layers' strides that stretch the later ones.": (
                1 + less[::-1] @ np.cumprod([1, *strides[::-1]])[:-1]
            ),
            f"{got:g}: a stride counts for all layers after it, not only for the next: multiply them up.": 1 + less @ [1, *strides[:-1]],
            f"{got:g}: a layer's own stride says nothing of what it adds: those before it do, multiplied.": 1 + np.dot(less, strides),
        }
        return hint_for(got, hints) or f"{given} see {want} pixels, your answer is {got:g}."
    return "✓ Right: fold and four 3x3 see 18 pixels, and strides stretch what comes after them."


def check_weights(answer):
    """Check ``answer(channels, width)``: how many weights a bottleneck has, its biases among them."""
    for channels, width in ((64, 96), (10, 7)):
        middle = 9 * width**2
        want = 2 * channels * width + middle + 2 * width + channels
        got, problem = ask_number(answer, channels, width)
        if problem:
            return problem
        if np.isclose(got, want):
            continue
        said = f"A bottleneck of {channels} channels, {width} inside,"
        hints = {
            f"{got:g}: the biases are missing, one for each output channel of each convolution.": want - 2 * width - channels,
            f"{got:g}: one bias for each output channel, not for each input channel.": want + channels - width,
            f"{got:g}: there is one bias for each output channel, not one for each convolution.": want - 2 * width - channels + 3,
            f"{got:g}: a kernel has two sides, 3x3 is 9.": want - 6 * width**2,
            f"{got:g}: the 3x3 goes from {width} channels to {width}: inside, it is {width} on both sides.": (
                want - middle + 9 * channels * width
            ),
            f"{got:g}: the 3x3 sees {width} channels, not {channels}.": want - middle + 9 * channels**2,
            f"{got:g}: every output channel looks at all {width} input channels of the 3x3.": want - middle + 9 * width,
            f"{got:g}: the second 1x1 is missing, the one that narrows.": want - width * channels - channels,
            f"{got:g} is the 3x3 alone: two 1x1 stand around it.": middle + width,
            f"{got:g}: that is the whole network's four; one is asked for.": 4 * want,
            f"{got:g}: in Python ^ is not a power, ** is.": want - middle + (3 ^ 2) * width**2,
        }
        return hint_for(got, hints) or f"{said} has {want} weights, your answer is {got:g}."
    return "✓ Right: 95,488 for one of ours, and 83,040 of them belong to its 3x3."


def check_first_loss(answer):
    """Check ``answer(inputs, targets)``: uint8 pairs in, the mean absolute error of handing back each middle block, in grey levels, out."""
    for count in (5, 24):
        rng = np.random.default_rng(count)
        inputs, targets = (rng.integers(0, 256, (count, side, side, 3), dtype=np.uint8) for side in (24, 8))
        exact, goals = inputs.astype(float), targets.astype(float)
        apart = exact[:, 8:16, 8:16] - goals
        want = abs(apart).mean()
        got, problem = ask_number(answer, inputs, targets)
        if problem:
            first = " The first axis counts the pairs: rows are the second, columns the third." if "broadcast" in problem else ""
            return problem + first
        if np.isclose(got, want):
            continue
        middle = inputs[:, 8:16, 8:16]
        if np.isclose(got, [np.abs(middle - targets).mean(), np.abs(targets - middle).mean()]).any():
            return f"{got:.2f}: uint8 can't go below 0, so 90 − 97 came out as 249: leave uint8 before you subtract."
        if np.isclose(abs(got), abs(apart.mean())):
            return f"{got:.4g}: errors of both signs cancel: take their sizes before the mean."
        hints = {
            f"{got:.0f}: that is the mean squared error; the absolute one is asked for.": (apart**2).mean(),
            f"{got:.2f}: that is the root of the mean squared error; the mean absolute one is asked for.": np.sqrt((apart**2).mean()),
            f"{got:.4f}: that is on [0, 1]; grey levels run to 255.": want / 255,
            f"{got:.0f}: that is a sum; a mean can be compared between batches.": abs(apart).sum(),
            f"{got:.0f}: that is a sum over each block; take the mean over pixels, too.": abs(apart).sum() / count,
            f"{got:.2f}: you take the top left block; the one to repair is in the middle.": abs(exact[:, :8, :8] - goals).mean(),
            f"{got:.2f}: you take the lower right block; the one to repair is in the middle.": abs(exact[:, 16:, 16:] - goals).mean(),
        }
        return hint_for(got, hints) or f"Expected {want:.2f} grey levels for {count} pairs, got {got:.4g}."
    return "✓ Right: that is what a network that says nothing scores, and the first loss to expect of ours."
