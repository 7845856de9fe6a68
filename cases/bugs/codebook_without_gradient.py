def forward(x, codebook):
    distance = torch.cdist(x, codebook)
    code = codebook[torch.argmin(distance, 1)]
    passed = x + (code - x).detach()
    codebook_loss = ((passed - x.detach()) ** 2).mean()
    commitment_loss = ((x - code.detach()) ** 2).mean()
    return (passed ** 2).mean() + codebook_loss + 0.25 * commitment_loss
