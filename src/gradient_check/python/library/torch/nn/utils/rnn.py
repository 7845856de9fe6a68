"""torch.nn.utils.rnn: sequences of different lengths."""
import torch


def pad_sequence(sequences, batch_first=False, padding_value=0.0):
    longest = max([s.size(0) for s in sequences])
    made = torch.full((len(sequences), longest) + tuple(sequences[0].shape[1:]), padding_value, dtype=sequences[0].dtype)
    for i, s in enumerate(sequences):
        made[i, :s.size(0)] = s
    return made if batch_first else made.transpose(0, 1)
