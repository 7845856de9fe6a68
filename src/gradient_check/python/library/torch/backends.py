"""torch.backends"""
