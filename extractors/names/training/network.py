"""The token classifier as a torch module: one encoder for all heads, with the way that units are written added."""

from typing import Any

import torch
from torch import nn

from extractors.names.units import Shape
from extractors.names.wordpieces import encoder_folder


class TokenClassifier(nn.Module):  # type: ignore[misc]  # torch is not followed by the type checker
    """MiniLM with frozen vectors of word pieces, vectors of shapes, and a row of weights for each tag of each head."""

    def __init__(self, tags: int, *, dropout: float = 0.2) -> None:
        super().__init__()
        from transformers import AutoModel

        model = AutoModel.from_pretrained(
            str(encoder_folder()),
            local_files_only=True,
            add_pooling_layer=False,
            attn_implementation="sdpa",
            attention_probs_dropout_prob=0.0,
        )
        model.embeddings.word_embeddings.weight.requires_grad_(False)
        self.encoder = model
        self.shapes = nn.Embedding(len(Shape), model.config.hidden_size)
        nn.init.zeros_(self.shapes.weight)
        self.dropout = nn.Dropout(dropout)
        self.heads = nn.Linear(model.config.hidden_size, tags)

    def forward(self, pieces: Any, shapes: Any, mask: Any) -> Any:
        """Give scores of all tags of all heads for each piece: (windows, pieces, tags)."""
        vectors = self.encoder.embeddings.word_embeddings(pieces)
        return self.from_vectors(vectors, shapes, mask)

    def from_vectors(self, vectors: Any, shapes: Any, mask: Any) -> Any:
        """Go on from the vectors of the pieces, which lie outside what is trained."""
        hidden = self.encoder(inputs_embeds=vectors + self.shapes(shapes), attention_mask=mask).last_hidden_state
        return self.heads(self.dropout(hidden))

    def trained(self) -> dict[str, torch.Tensor]:
        """Give all weights but the vectors of word pieces, which the encoder's package carries."""
        return {name: value for name, value in self.state_dict().items() if "word_embeddings" not in name}
