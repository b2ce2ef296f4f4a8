"""Muon for convolutions: an optimiser that turns a kernel's step in all directions alike, and so needs about half the steps of Adam."""

import keras
from keras import ops

ENDS = ("fold", "unfold")  # the first and the last layer speak in pixels, not in channels: Adam suits them better


@keras.saving.register_keras_serializable("blockcnn")
class Muon(keras.optimizers.Muon):
    """Keras' Muon, which takes matrices only, for the 4-D kernels of convolutions too.

    A kernel of shape (height, width, in, out) is treated as the matrix that it is, (height * width * in, out): each column makes one
    output channel of all that the kernel looks at. Biases, and the network's first and last layers, are left to Adam.

    Notes
    -----
    The step is the momentum M with all its singular values set to about one, U V^T of M = U S V^T, found without a decomposition by five
    Newton-Schulz iterations; directions that the gradient hardly shows are learnt as fast as those it shows all the time.

    References
    ----------
    K. Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024.
    """

    def _should_use_adamw(self, variable):
        return len(variable.shape) != 4 or variable.path.split("/")[-2] in ENDS

    def _muon_update_step(self, gradient, variable, lr, m):
        self.assign_add(m, ops.add(gradient, m * (self.momentum - 1)))
        ahead = ops.add(gradient, self.momentum * m) if self.nesterov else m
        matrix = ops.reshape(ahead, (-1, variable.shape[-1]))
        step = self.lr_adjust(lr * self.zeropower_via_newtonschulz5(matrix, self.ns_steps))
        self.assign_sub(variable, ops.reshape(step, variable.shape))


def muon(schedule):
    """Return Muon as the wide network is trained with: no weight decay, and half the rate for what is left to Adam."""
    return Muon(schedule, weight_decay=None, adam_weight_decay=None, exclude_embeddings=False, adam_lr_ratio=0.5)
