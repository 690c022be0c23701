// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {IInsuranceFund} from "../interfaces/IInsuranceFund.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {AccountId, accountIdOf} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";

/// @title The insurance fund
/// @notice The owner of the fund's account, which does nothing with it: no position, no delegate, no withdrawal. Tokens sent here without `donate` are
/// out of reach of everybody.
contract InsuranceFund is IInsuranceFund {
    using SafeERC20 for IERC20;
    using FixedPoint for int256;

    IClearingHouse public immutable HOUSE;
    IERC20 public immutable TOKEN;

    constructor(IClearingHouse house) {
        HOUSE = house;
        TOKEN = IERC20(house.TOKEN());
        TOKEN.forceApprove(address(house), type(uint256).max);
    }

    /// @inheritdoc IInsuranceFund
    function donate(uint256 amountNative) external {
        TOKEN.safeTransferFrom(msg.sender, address(this), amountNative);
        // Fails unless all of it arrives: what the fund received is what the house takes.
        HOUSE.deposit(account(), amountNative);
        emit Donated(msg.sender, amountNative, assetsUsd());
    }

    /// @inheritdoc IInsuranceFund
    function account() public view returns (AccountId) {
        return accountIdOf(address(this), 0);
    }

    /// @inheritdoc IInsuranceFund
    function assetsUsd() public view returns (uint256) {
        return HOUSE.accountOf(account()).cashUsd;
    }

    /// @inheritdoc IInsuranceFund
    function claimUsdOf(MarketId market) external view returns (uint256) {
        return HOUSE.positionOf(account(), market).quote.positivePart();
    }
}
