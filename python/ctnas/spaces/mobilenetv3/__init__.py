"""The once-for-all network: elastic kernels, depths and widths that share weights.

Source: Cai et al., "Once for All: Train One Network and Specialize it for Efficient Deployment",
ICLR 2020.
"""
