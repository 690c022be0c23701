// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {ILossWaterfall, Tier} from "../../contracts/interfaces/ILossWaterfall.sol";
import {IReserveVault} from "../../contracts/interfaces/IReserveVault.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {BackstopScenarios} from "./BackstopScenarios.sol";

/// @title TierScenarios
/// @notice A house with all four tiers: tranches, the fund, a reserve of the protocol's (ruth's money), the backstop (lena's). The token has 18 decimals, so each can be set to the unit.
/// Nobody is capped but by what a test says; θ is 10 %.
abstract contract TierScenarios is BackstopScenarios {
    uint256 internal constant ONE = 1e18;
    uint256 internal constant THETA = 0.1e18;

    IReserveVault internal reserve;
    IERC4626 internal reserveShares;
    AccountId internal reserveAccount;
    address internal ruth;

    function setUp() public virtual override {
        super.setUp();
        ruth = makeAddr("ruth, protocol");
        address deployed = deploy("ReserveVault", abi.encode(house, address(0), "Reserve", "bwRES"));
        (reserve, reserveShares) = (IReserveVault(deployed), IERC4626(deployed));
        reserveAccount = reserve.account();
        house.setModule("protocol", deployed);
        waterfall.setInsuranceTerms(ETH, ILossWaterfall.InsuranceTerms(ONE, ONE, THETA));
        _capTier(Tier.Protocol, ONE, ONE);
        _capTier(Tier.Backstop, ONE, ONE);
        for (uint256 i = 1; i < 4; ++i) waterfall.setHouseEpochCap(Tier(i), ONE);
    }

    function _decimals() internal pure virtual override returns (uint8) {
        return 18;
    }

    /* ARRANGE */

    function _capTier(Tier tier, uint256 eventCap, uint256 epochCap) internal {
        waterfall.setTierTerms(ETH, tier, ILossWaterfall.TierTerms(eventCap, epochCap));
    }

    function _split(uint256 fund, uint256 protocol) internal {
        waterfall.setSplitTerms(ETH, ILossWaterfall.SplitTerms(fund, protocol));
    }

    /// @dev Deposits D18{USD} into the reserve.
    function _reserve(address depositor, uint256 amountUsd) internal returns (uint256 shares) {
        token.mint(depositor, _native(amountUsd));
        vm.startPrank(depositor);
        token.approve(address(reserve), type(uint256).max);
        shares = reserveShares.deposit(_native(amountUsd), depositor);
        vm.stopPrank();
    }

    /// @dev Leaves exactly `amountUsd` in a tier of ETH. Only a test can.
    function _setTier(Tier tier, uint256 amountUsd) internal {
        AccountId account = _accountOf(tier);
        uint256 cash = _cash(account);
        if (cash > amountUsd) {
            vm.prank(account.owner());
            house.withdraw(account, cash - amountUsd, address(0xd7a1));
        } else if (cash < amountUsd) {
            if (tier == Tier.Tranche) {
                // Nobody may pay in there: it comes as fees do, by way of the pool's account.
                revert("a tranche is only emptied here");
            }
            _fund(account, amountUsd - cash);
        }
        assertEq(_cash(account), amountUsd);
    }

    /* READ */

    function _accountOf(Tier tier) internal view returns (AccountId) {
        if (tier == Tier.Tranche) return _trancheOf(ETH);
        if (tier == Tier.Fund) return _fundAccount();
        return tier == Tier.Protocol ? reserveAccount : poolAccount;
    }

    /// @dev Cash of all tiers of ETH. D18{USD}
    function _tiers() internal view returns (uint256[4] memory cash) {
        for (uint256 i; i < 4; ++i) cash[i] = _cash(_accountOf(Tier(i)));
    }

    /// @dev CONS-1 and CONS-2 with both vaults.
    function _assertBooked() internal view {
        AccountId[] memory users = new AccountId[](5);
        (users[0], users[1], users[2], users[3], users[4]) = (alice, bob, carol, poolAccount, reserveAccount);
        _assertConserved(users);
    }
}
