// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {HouseFixture} from "../../support/HouseFixture.sol";

/// @notice What the planner names that refuses to be given terms.
interface ITermsOfModel {
    error TermsOfModel(address model);
}

/// @notice The baseline in a whole house: who is liquidated is the same, how much is all.
contract FullCloseEngine_plan_Test is HouseFixture {
    ILiquidationEngine internal baseline;

    function setUp() public override {
        super.setUp();
        baseline = ILiquidationEngine(deploy("FullCloseEngine", abi.encode(risk, liquidation)));
        _open(alice, ETH, 300_000e18, 2_000e18);
    }

    function test_setLiquidationTerms_revertsWhenAsked() public {
        vm.expectRevert(abi.encodeWithSelector(ITermsOfModel.TermsOfModel.selector, address(liquidation)));
        baseline.setLiquidationTerms(ETH, _liquidationTerms());
    }

    function test_plan_closesNothing_whenHealthyOrBankrupt() public {
        house.setModule("liquidation", address(baseline));
        assertEq(_codeAt(1_950), uint256(ILiquidationEngine.PlanCode.Healthy));
        assertEq(_codeAt(1_700), uint256(ILiquidationEngine.PlanCode.Bankrupt));
    }

    function test_plan_closesAllAtOnce_whenThePartialPlanClosesASlice() public {
        _price(ETH, 1_900);
        ILiquidationEngine.Plan memory slice = house.previewLiquidation(alice, ETH);
        assertEq(uint256(slice.code), uint256(ILiquidationEngine.PlanCode.Partial));

        house.setModule("liquidation", address(baseline));
        ILiquidationEngine.Plan memory preview = house.previewLiquidation(alice, ETH);
        int256 equityBefore = _equity(alice);
        uint256 rewardsBefore = house.accountOf(keeper).cashUsd;
        ILiquidationEngine.Plan memory plan = house.liquidate(alice, ETH, keeper);
        assertEq(keccak256(abi.encode(preview)), keccak256(abi.encode(plan)), "preview");
        assertEq(uint256(plan.code), uint256(ILiquidationEngine.PlanCode.Full));
        assertEq(plan.closeSize, 2_000e18);
        assertEq(_size(alice, ETH), int256(0));
        assertEq(plan.equityUsd, slice.equityUsd, "judged alike");
        assertEq(plan.maintenanceUsd, slice.maintenanceUsd);
        // A hundredth of 3.8 million dollars, less two fifths for the keeper.
        assertEq(plan.penaltyUsd, 38_000e18);
        assertEq(house.accountOf(keeper).cashUsd - rewardsBefore, plan.keeperRewardUsd);
        assertEq(plan.keeperRewardUsd, 15_200e18);
        assertApproxEqAbs(
            uint256(equityBefore - _equity(alice)),
            uint256(int256(plan.penaltyUsd) + plan.impactUsd),
            2,
            "impact and penalty, and nothing else"
        );
    }

    function _codeAt(uint256 priceUsd) private returns (uint256) {
        _price(ETH, priceUsd);
        return uint256(house.previewLiquidation(alice, ETH).code);
    }
}
